import type { Selectable } from 'kysely'
import type { Task, TaskRun } from '../../core/task.ts'
import { fromJson, fromNullableJson } from '../columns.ts'
import type { TaskRow, TaskRunRow } from '../schema.ts'

export function toTask(row: Selectable<TaskRow>): Task {
  return {
    id: row.id,
    state: row.state,
    type: row.type,
    name: row.name,
    data: fromJson(row.data),
    priority: row.priority,
    node: row.node === '' ? null : row.node,
    dir: row.dir,
    secrets: fromJson(row.secrets),
    timeoutMs: row.timeout_ms,
    maxRetries: row.max_retries,
    retryDelayMs: row.retry_delay_ms,
    retryCount: row.retry_count,
    runs: row.runs,
    hold: row.hold,
    wakeAt: row.wake_at,
    idempotencyKey: row.idempotency_key,
    worker: row.worker,
    cancelRequestedAt: row.cancel_requested_at,
    createdBy: row.created_by,
    scheduleId: row.schedule_id,
    createdAt: row.created_at,
    enqueuedAt: row.enqueued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason,
    result: fromNullableJson(row.result),
    version: row.version,
  }
}

export function toRun(row: Selectable<TaskRunRow>): TaskRun {
  return {
    id: row.id,
    taskId: row.task_id,
    number: row.number,
    workerId: row.worker_id,
    worker: row.worker,
    node: row.node,
    leaseOwner: row.lease_owner,
    leaseEpoch: row.lease_epoch,
    leaseUntil: row.lease_until,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    reason: row.reason,
    exitCode: row.exit_code,
    signal: row.signal,
    peakMemoryBytes: row.peak_memory_bytes,
    logBytes: row.log_bytes,
    logTail: row.log_tail,
  }
}
