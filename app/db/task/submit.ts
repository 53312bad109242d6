import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { minPriority } from '../../core/queue.ts'
import {
  defaultRetryDelayMs,
  defaultTaskRetries,
  defaultTaskTimeoutMs,
  type NewTask,
  type Task,
} from '../../core/task.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db, TaskRow } from '../schema.ts'
import { toTask } from './row.ts'

/**
 * Puts a task into the queue. A second one with the same idempotency key changes nothing and returns the first,
 * with `created: false`.
 */
export async function submitTask(
  db: Db,
  input: NewTask,
  now: EpochMs,
): Promise<{ task: Task; created: boolean }> {
  const [inserted] = await insertTask(db, rowOf(input, now))
  if (!inserted) return { task: await byKey(db, input.idempotencyKey!), created: false }
  const task = toTask(inserted)
  const { type, state, priority, name } = task
  const data = { state, type, priority, ...(name !== null && { name }) }
  appendEvent(db, { at: now, noun: 'task', nounId: String(task.id), type: 'submit', data })
  return { task, created: true }
}

type NewRow = Pick<
  Selectable<TaskRow>,
  | 'type'
  | 'name'
  | 'data'
  | 'priority'
  | 'node'
  | 'dir'
  | 'secrets'
  | 'timeout_ms'
  | 'max_retries'
  | 'retry_delay_ms'
  | 'hold'
  | 'wake_at'
  | 'idempotency_key'
  | 'created_by'
  | 'schedule_id'
  | 'created_at'
>

function rowOf(input: NewTask, now: EpochMs): NewRow {
  const later = input.notBefore && input.notBefore > now ? input.notBefore : null
  return {
    type: input.type,
    name: input.name ?? null,
    data: toJson(input.data),
    priority: input.priority ?? minPriority,
    node: input.node ?? '',
    dir: input.dir ?? null,
    secrets: toJson(input.secrets ?? []),
    timeout_ms: input.timeoutMs ?? defaultTaskTimeoutMs,
    max_retries: input.maxRetries ?? defaultTaskRetries,
    retry_delay_ms: input.retryDelayMs ?? defaultRetryDelayMs,
    hold: later === null ? null : 'not_before',
    wake_at: later,
    idempotency_key: input.idempotencyKey ?? null,
    created_by: input.createdBy,
    schedule_id: input.scheduleId ?? null,
    created_at: now,
  }
}

const insertTask = compileOnce((db, p: NewRow) =>
  db
    .insertInto('task_queue')
    .values({
      state: 'pending',
      type: p.type,
      name: p.name,
      data: p.data,
      priority: p.priority,
      node: p.node,
      dir: p.dir,
      secrets: p.secrets,
      timeout_ms: p.timeout_ms,
      max_retries: p.max_retries,
      retry_delay_ms: p.retry_delay_ms,
      hold: p.hold,
      wake_at: p.wake_at,
      idempotency_key: p.idempotency_key,
      created_by: p.created_by,
      schedule_id: p.schedule_id,
      created_at: p.created_at,
      enqueued_at: p.created_at,
    })
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .returningAll(),
)

async function byKey(db: Db, key: string): Promise<Task> {
  const row = await db
    .selectFrom('task_queue')
    .selectAll()
    .where('idempotency_key', '=', key)
    .executeTakeFirstOrThrow()
  return toTask(row)
}
