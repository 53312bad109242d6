import type { Clock, EpochMs } from '../core/clock.ts'

/** Time that stands still until it is moved to the next moment for which somebody sleeps. */
export class SimulatedClock implements Clock {
  /** How often somebody went to sleep: while it stays the same, nothing runs. */
  sleeps = 0
  readonly #sleepers = new Set<Sleeper>()
  #now: EpochMs

  constructor(now: EpochMs) {
    this.#now = now
  }

  now(): EpochMs {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps += 1
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = () => {
        this.#sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { until: this.#now + Math.max(0, ms), wake }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  /** Moves to the next moment and wakes who sleeps until then, in their order. Throws when nobody sleeps. */
  advance(): void {
    const sleepers = [...this.#sleepers]
    const next = sleepers.reduce((least, { until }) => Math.min(least, until), Infinity)
    if (next === Infinity) throw new Error('Nobody sleeps: time would stand still for ever.')
    this.#now = next
    for (const { until, wake } of sleepers) if (until === next) wake()
  }
}

interface Sleeper {
  until: EpochMs
  wake: () => void
}

/**
 * Lets time pass until `isOver`: each moment comes only when everything of the one before has settled.
 * `isBusy` tells of work that no sleep shows: writes, programs that run.
 */
export async function passTime(clock: SimulatedClock, isBusy: () => boolean, isOver: () => boolean) {
  for (;;) {
    await settle(clock, isBusy)
    if (isOver()) return
    clock.advance()
  }
}

/** A notification takes one round of the event loop, and what it wakes may notify again. */
const quietRounds = 2

async function settle(clock: SimulatedClock, isBusy: () => boolean) {
  for (let quiet = 0; quiet < quietRounds; quiet += 1) {
    const { sleeps } = clock
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    if (clock.sleeps !== sleeps || isBusy()) quiet = -1
  }
}
