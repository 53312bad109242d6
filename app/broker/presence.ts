import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { endProcess, heartbeat, registerProcess, type RunningProcess } from '../db/processes.ts'
import type { Database } from '../db/open.ts'
import type { FaultLog } from './tools.ts'

const heartbeatMs = 10_000

/** This process in the list of those that run, until it is disposed of. */
export async function announceProcess(
  { database, clock, log }: { database: Database; clock: Clock; log: FaultLog },
  process: Omit<RunningProcess, 'startedAt' | 'heartbeatAt'>,
): Promise<AsyncDisposable> {
  await database.write((db) => registerProcess(db, { ...process, startedAt: clock.now() }))
  const beat = setInterval(() => {
    database
      .write((db) => heartbeat(db, process.id, clock.now()))
      .catch((error: unknown) => log.error({ err: error }, `no heartbeat: ${messageOf(error)}`))
  }, heartbeatMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat)
      await database.write((db) => endProcess(db, process.id, clock.now()))
    },
  }
}
