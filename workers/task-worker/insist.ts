import type { Clock } from '../../app/core/clock.ts'
import { isAppError } from '../../app/core/errors.ts'

/** Between tries, in ms; the last one again and again. */
const againMs = [500, 1_000, 2_000, 5_000, 10_000]
/** Tries when nobody waits any more: whoever supervises a worker that ends does not wait for ever. */
const lastTries = 3

interface Insisting {
  clock: Clock
  /** Aborts when there is no more time. */
  signal: AbortSignal
  onFault: (error: unknown) => void
}

/** Asks a desk again while it can't be reached. Throws what it answers, and its silence when the time is over. */
export async function insist<T>({ clock, signal, onFault }: Insisting, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isAppError(error, 'unavailable') && !isAppError(error, 'limited')) throw error
      if (signal.aborted && tries >= lastTries) throw error
      onFault(error)
    }
    await clock.sleep(againMs[Math.min(tries, againMs.length - 1)]!)
  }
}
