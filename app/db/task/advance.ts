import { sql, type RawBuilder, type Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { taskEvents, type Task, type TaskEvent, type TaskHold, type TaskId } from '../../core/task.ts'
import { toNullableJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import { guardedEvents } from '../queue/advance.ts'
import type { Db, TaskRow } from '../schema.ts'
import { getTask } from './read.ts'
import { toTask } from './row.ts'

/** What may change together with a lifecycle event; what is not given is set as the event alone implies. */
interface TaskChanges {
  reason?: string | null
  result?: unknown
  hold?: TaskHold | null
  wakeAt?: EpochMs | null
  retryCount?: number
  worker?: string
}

/**
 * Applies one lifecycle event, with its row in the log. Throws `conflict` when the task's state does not allow it
 * ("Cannot cancel task 7: it is completed."), `not_found` when there is no such task.
 */
export async function advanceTask(
  db: Db,
  id: TaskId,
  event: TaskEvent,
  changes: TaskChanges,
  told: Record<string, unknown>,
  now: EpochMs,
): Promise<Task> {
  const task = await tryAdvanceTask(db, id, event, changes, told, now)
  if (task) return task
  const { state } = await getTask(db, id)
  throw new AppError('conflict', `Cannot ${event.replace('_', ' ')} task ${id}: it is ${state}.`)
}

/** As `advanceTask`; null where its state does not allow it, or it is not there. */
export async function tryAdvanceTask(
  db: Db,
  id: TaskId,
  event: TaskEvent,
  changes: TaskChanges,
  told: Record<string, unknown>,
  now: EpochMs,
): Promise<Task | null> {
  const row = await advance(db, event, columnsOf(changes), { id, now })
  if (!row) return null
  const data = { state: row.state, ...(changes.reason && { reason: changes.reason }), ...told }
  appendEvent(db, { at: now, noun: 'task', nounId: String(id), type: event, data })
  return toTask(row)
}

const advance = guardedEvents<Selectable<TaskRow>, TaskEvent>('task_queue', taskEvents, effectOf)

function columnsOf(changes: TaskChanges): Record<string, unknown> {
  const { reason, result, hold, wakeAt, retryCount, worker } = changes
  return {
    ...(reason !== undefined && { reason }),
    ...(result !== undefined && { result: toNullableJson(result) }),
    ...(hold !== undefined && { hold }),
    ...(wakeAt !== undefined && { wake_at: wakeAt }),
    ...(retryCount !== undefined && { retry_count: retryCount }),
    ...(worker !== undefined && { worker }),
  }
}

function effectOf(event: TaskEvent, now: EpochMs): Record<string, RawBuilder<unknown>> {
  const time = sql`cast(${now} as bigint)`
  const nothing = sql`null`
  const claimed = { runs: sql`runs + 1`, started_at: sql`coalesce(started_at, ${time})`, reason: nothing }
  const over = { ended_at: time, hold: nothing, wake_at: nothing }
  if (event === 'claim') return claimed
  if (event === 'back_off' || event === 'release') return {}
  if (event === 'retry') {
    return {
      enqueued_at: time,
      started_at: nothing,
      ended_at: nothing,
      reason: nothing,
      result: nothing,
      cancel_requested_at: nothing,
      retry_count: sql`0`,
    }
  }
  return over
}
