import type { EpochMs } from '../core/clock.ts'
import type { Reading } from '../core/session.ts'

/** A limit that is over is not believed to the second: clocks and servers differ. */
const afterMs = 30_000
const maxKept = 1_000

/**
 * "resets 3:29am" does not say of which day, so that at 3:30 it reads as tomorrow's. What counts is what it
 * meant when it was first seen; when that is over, a box that is open and empty takes prompts again, although
 * the notice still stands above it.
 */
export class LimitMemory {
  readonly #first = new Map<string, EpochMs>()

  /** `generation` names one agent process. */
  apply<R extends Reading>(generation: string, reading: R, now: EpochMs): R {
    // Only work ends what a notice says: a panel that covers it for a moment does not make it a new one.
    if (reading.state === 'busy') this.#first.delete(generation)
    if (reading.state !== 'limited') return reading
    const until = this.#first.get(generation) ?? reading.limitedUntil
    if (until === null) return reading
    if (this.#first.size >= maxKept) this.#first.clear()
    this.#first.set(generation, until)
    const isOpen = reading.composer !== null && !reading.draft
    if (now < until + afterMs || !isOpen) return { ...reading, limitedUntil: until }
    return {
      ...reading,
      state: 'idle',
      limitedUntil: null,
      acceptsPrompt: reading.trusted,
      rule: `${reading.rule}, over`,
    }
  }
}
