import { performance } from 'node:perf_hooks'
import { systemClock, type Clock, type EpochMs } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { leaseMs, renewEveryMs } from '../core/queue.ts'
import { workerGraceMs } from '../core/worker.ts'
import type { Database } from '../db/open.ts'
import { shortenWaits, wakeTasks } from '../db/task/change.ts'
import { whatIsDue } from '../db/task/due.ts'
import { repairRuns, shortenLeases } from '../db/task/run.ts'
import { endSilentWorkers } from '../db/worker.ts'
import { retimeSchedules, runSchedules } from './schedules.ts'

/** How often it is looked, in ms: a lease ends at most this long before its task waits again. */
const everyMs = 2_000
/** The clock was set, or the machine slept, where it went on by so much more than time did. In ms. */
const jumpMs = 5_000

interface Tending {
  database: Database
  clock: Clock
  onFault: (error: unknown, words: string) => void
}

/**
 * Duties of the task queue, for whoever runs, until disposed of: hands in what is scheduled, wakes tasks whose time has come, gives back those of
 * workers that died. Several processes may do it at the same time.
 */
export function tendTasks(tools: Tending): AsyncDisposable {
  const stopping = new AbortController()
  const work = loop(tools, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await work
    },
  }
}

async function loop(tools: Tending, signal: AbortSignal) {
  const jumps = new ClockJumps()
  while (!signal.aborted) {
    await tendOnce(tools, jumps).catch((error: unknown) => {
      tools.onFault(error, `tasks were not tended: ${messageOf(error)}`)
    })
    await systemClock.sleep(everyMs, signal)
  }
}

/** Nothing is written while nothing is due. `steady`: ms of a clock that nobody sets. */
export async function tendOnce(
  { database, clock }: Pick<Tending, 'database' | 'clock'>,
  jumps: ClockJumps,
  steady = performance.now(),
): Promise<void> {
  const now = clock.now()
  const isTrue = jumps.areLeasesTrue(now, steady)
  const times = { now, farFrom: now + 2 * leaseMs, silentBefore: now - 2 * workerGraceMs }
  const due = await whatIsDue(database.kysely, times)
  if (due.ahead) await retimeSchedules(database, now)
  if (due.scheduled) await runSchedules(database, now)
  if (due.slept) await database.write((db) => shortenWaits(db, now))
  if (due.held) await database.write((db) => wakeTasks(db, now))
  if (due.lost && isTrue) await database.write((db) => repairRuns(db, 'the duty "repair runs"', now))
  if (due.far) await database.write((db) => shortenLeases(db, now + leaseMs, times.farFrom))
  if (due.silent && isTrue) await database.write((db) => endSilentWorkers(db, times.silentBefore, now))
}

/**
 * Whether the end of a lease means anything. When the clock is set forward, or the machine slept, or the dashboard was
 * away, every lease ends at once although everybody lives: each worker gets the time to renew its own before any is
 * taken from it.
 */
export class ClockJumps {
  #last: { wall: EpochMs; steady: number } | null = null
  #trueFrom = 0

  areLeasesTrue(wall: EpochMs, steady: number): boolean {
    const last = this.#last
    this.#last = { wall, steady }
    const isJump = !last || wall - last.wall - (steady - last.steady) > jumpMs
    if (isJump) this.#trueFrom = steady + renewEveryMs + jumpMs
    return steady >= this.#trueFrom
  }
}
