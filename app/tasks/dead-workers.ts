import type { EpochMs } from '../core/clock.ts'
import { leaseOwnerOf } from '../core/worker.ts'
import type { Database } from '../db/open.ts'
import { giveUpRunsOf } from '../db/task/run.ts'
import { endWorker, listWorkers } from '../db/worker.ts'

/**
 * Ends what earlier workers of this name left, for one that is alone under it on its machine: their processes are
 * gone, and their tasks need not wait for the ends of their leases.
 */
export async function endDeadWorkers(
  database: Database,
  { name, node }: { name: string; node: string },
  now: EpochMs,
): Promise<void> {
  const known = await listWorkers(database.kysely, now)
  const dead = known.filter(
    (each) => each.endedAt === null && each.name === name && each.node === node && isGone(each.pid),
  )
  if (dead.length === 0) return
  await database.write(async (db) => {
    for (const worker of dead) {
      await endWorker(db, worker.id, 'die', now)
      await giveUpRunsOf(db, leaseOwnerOf(worker), now)
    }
  })
}

/** A worker without a process of its own is one of somebody else's. */
function isGone(pid: number | null): boolean {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
