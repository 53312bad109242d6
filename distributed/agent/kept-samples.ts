import { uptime } from 'node:os'
import type { MetricSample } from '../../app/core/metric-sample.ts'

/** While nobody hears them: a day of one in a minute, which is some 500 kB. */
export const mostKeptSamples = 1_440

interface Kept {
  sample: MetricSample
  takenAt: number
}

/**
 * Samples that the dashboard does not have yet, in memory. How old one is comes from a clock that nobody sets: what
 * was measured before somebody set the machine's own one keeps its place.
 */
export class KeptSamples {
  readonly #uptimeMs: () => number
  #kept: Kept[] = []

  /** `uptimeMs`: since the machine was started, with the time for which it slept. */
  constructor(uptimeMs = () => uptime() * 1000) {
    this.#uptimeMs = uptimeMs
  }

  get size(): number {
    return this.#kept.length
  }

  /** When there are too many, of the older half every second one goes: a long cut keeps its whole course, coarsely. */
  add(sample: MetricSample): void {
    this.#kept.push({ sample, takenAt: this.#uptimeMs() })
    if (this.#kept.length <= mostKeptSamples) return
    const half = mostKeptSamples / 2
    this.#kept = this.#kept.filter((_one, index) => index >= half || index % 2 === 0)
  }

  /** The oldest ones with their age as of now, and the way to forget them when they have arrived. */
  oldest(most: number): { samples: MetricSample[]; forget: () => void } {
    const told = this.#kept.slice(0, most)
    const now = this.#uptimeMs()
    return {
      samples: told.map(({ sample, takenAt }) => ({
        ...sample,
        age: Math.max(0, Math.round(now - takenAt)),
      })),
      forget: () => {
        const gone = new Set(told)
        this.#kept = this.#kept.filter((one) => !gone.has(one))
      },
    }
  }
}
