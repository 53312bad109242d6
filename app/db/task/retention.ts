import type { EpochMs } from '../../core/clock.ts'
import type { Db } from '../schema.ts'

/** Removes tasks that ended before, with their runs and logs; at most `batch` of them. Returns how many. */
export async function trimTasks(db: Db, before: EpochMs, batch: number): Promise<number> {
  const old = db
    .selectFrom('task_queue')
    .select('id')
    .where('ended_at', 'is not', null)
    .where('ended_at', '<', before)
    .limit(batch)
  const [result] = await db.deleteFrom('task_queue').where('id', 'in', old).execute()
  return Number(result?.numDeletedRows ?? 0)
}

export async function trimWorkers(db: Db, before: EpochMs, batch: number): Promise<number> {
  const old = db.selectFrom('workers').select('id').where('ended_at', '<', before).limit(batch)
  const [result] = await db.deleteFrom('workers').where('id', 'in', old).execute()
  return Number(result?.numDeletedRows ?? 0)
}
