import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError, isAppError } from '../../core/errors.ts'
import type { Task, TaskId } from '../../core/task.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { advanceTask, tryAdvanceTask } from './advance.ts'
import { waitsTooLong } from './due.ts'
import { getTask, noSecrets } from './read.ts'
import { toTask } from './row.ts'

/**
 * Cancels a task that waits; of one that runs, its worker is asked to end it, and a completion that comes first
 * counts. Throws `conflict` when it is over.
 */
export async function cancelTask(db: Db, id: TaskId, by: string, now: EpochMs): Promise<Task> {
  const waiting = await tryAdvanceTask(db, id, 'cancel', { reason: `cancelled by ${by}` }, {}, now)
  if (waiting) return waiting
  const row = await db
    .updateTable('task_queue')
    .set((eb) => ({
      cancel_requested_at: eb.fn.coalesce('cancel_requested_at', sql<number>`cast(${now} as bigint)`),
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', '=', 'running')
    .returningAll()
    .executeTakeFirst()
  if (!row) {
    const { state } = await getTask(db, id)
    throw new AppError('conflict', `Cannot cancel task ${id}: it is ${state}.`)
  }
  appendEvent(db, { at: now, noun: 'task', nounId: String(id), type: 'cancel_requested', data: {} })
  return toTask(row)
}

/** Sends a failed or cancelled task again, as if it were new. Throws `conflict` for any other. */
export function retryTask(db: Db, id: TaskId, now: EpochMs): Promise<Task> {
  return advanceTask(db, id, 'retry', {}, {}, now)
}

/**
 * Sends dead letters again: the failed tasks, of one type or of all (null), at most so many. Returns their ids.
 * Without `withSecrets` those that name secrets stay as they are.
 */
export async function redriveTasks(
  db: Db,
  { type, withSecrets, limit }: { type: string | null; withSecrets: boolean; limit: number },
  now: EpochMs,
): Promise<TaskId[]> {
  let query = db.selectFrom('task_queue').select('id').where('state', '=', 'failed').orderBy('id')
  if (type !== null) query = query.where('type', '=', type)
  if (!withSecrets) query = query.where('secrets', '=', noSecrets)
  const sent: TaskId[] = []
  for (const { id } of await query.limit(limit).execute()) {
    try {
      sent.push((await retryTask(db, id, now)).id)
    } catch (error) {
      // Somebody else sent it again in this moment.
      if (!isAppError(error, 'conflict')) throw error
    }
  }
  return sent
}

/** Rows that one call handles; a caller that got a full batch calls again. */
const batch = 500

/** Lets go of waiting tasks whose time has come. Returns how many, and when the next one is due. */
export async function wakeTasks(db: Db, now: EpochMs): Promise<number> {
  const due = await db
    .updateTable('task_queue')
    .set((eb) => ({ hold: null, wake_at: null, version: eb('version', '+', 1) }))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('task_queue')
        .select('id')
        .where(sql<boolean>`state = 'pending' and hold is not null`)
        .where('wake_at', '<=', now)
        .orderBy('wake_at')
        .limit(batch),
    )
    .where(sql<boolean>`state = 'pending' and hold is not null`)
    .returning('id')
    .execute()
  for (const { id } of due)
    appendEvent(db, { at: now, noun: 'task', nounId: String(id), type: 'due', data: {} })
  return due.length
}

/** Tasks that wait for a retry longer than any task does, because the clock was set back, wait as if for the first. */
export async function shortenWaits(db: Db, now: EpochMs): Promise<void> {
  await db
    .updateTable('task_queue')
    .set({ wake_at: sql<number>`cast(${now} as bigint) + retry_delay_ms` })
    .where(waitsTooLong(now))
    .execute()
}
