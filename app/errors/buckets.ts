/** Names that are remembered; the longest unused are forgotten, and begin anew with a full bucket. */
const mostBuckets = 10_000

/** Token buckets by name: each refills by `perSecond` up to `burst`. */
export class Buckets {
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  /** Takes one; otherwise the time until there is one again, in ms. */
  take(name: string, rate: { perSecond: number; burst: number }, now: number): number {
    const known = this.#buckets.get(name)
    const tokens = known ? known.tokens + (Math.max(0, now - known.at) * rate.perSecond) / 1000 : rate.burst
    const full = Math.min(rate.burst, tokens)
    this.#buckets.delete(name)
    this.#buckets.set(name, { tokens: full >= 1 ? full - 1 : full, at: now })
    if (this.#buckets.size > mostBuckets) this.#buckets.delete(this.#buckets.keys().next().value!)
    return full >= 1 ? 0 : Math.ceil(((1 - full) * 1000) / rate.perSecond)
  }
}
