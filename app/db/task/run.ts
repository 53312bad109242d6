import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Held, Lease } from '../../core/queue.ts'
import { retryDelay, type RunEnd, type RunOutcome, type Task, type TaskRun } from '../../core/task.ts'
import { compileOnce } from '../hot.ts'
import { leasesOn } from '../queue/leased.ts'
import type { Db, TaskRunRow } from '../schema.ts'
import { countRun } from '../worker.ts'
import { advanceTask } from './advance.ts'
import { getTask } from './read.ts'
import { toRun } from './row.ts'

const runLeases = leasesOn<Selectable<TaskRunRow>>('task_runs', 'Run')

/** A sign of life for everything that `owner` works on; returns how many runs that is. */
export function renewRuns(db: Db, lease: Lease): Promise<number> {
  return runLeases.renew(db, lease)
}

/** The same for one run. Throws `conflict` when it ended or changed hands. */
export async function renewRun(db: Db, held: Held, until: EpochMs): Promise<TaskRun> {
  return toRun(await runLeases.change(db, held, { lease_until: until }))
}

/** Notes facts of a run that goes on. Throws `conflict` when it ended or changed hands. */
export async function noteRun(
  db: Db,
  held: Held,
  noted: { log_bytes: number; log_tail: string },
): Promise<void> {
  await runLeases.change(db, held, noted)
}

/** Ends a run and its task. Throws `conflict` when either ended or the run changed hands. */
export async function completeRun(db: Db, held: Held, end: RunEnd, now: EpochMs): Promise<Task> {
  const run = await endRun(db, held, 'completed', end, now)
  const told = { run: run.id, worker: run.worker, ms: now - run.startedAt }
  return advanceTask(db, run.taskId, 'finish', { result: end.result ?? null, reason: null }, told, now)
}

/**
 * Ends a run that did not do it. Its task waits for another try while it has retries left and `mayRetry`; otherwise
 * it fails. One that somebody cancelled meanwhile is cancelled. Throws `conflict` as `completeRun`.
 */
export async function failRun(
  db: Db,
  held: Held,
  outcome: Exclude<RunOutcome, 'completed'>,
  end: RunEnd & { mayRetry?: boolean },
  now: EpochMs,
): Promise<Task> {
  const run = await endRun(db, held, outcome, end, now)
  const task = await getTask(db, run.taskId)
  const reason = end.reason ?? null
  const told = { run: run.id, worker: run.worker, outcome }
  const result = end.result === undefined ? {} : { result: end.result }
  if (task.cancelRequestedAt !== null || outcome === 'cancelled') {
    return advanceTask(db, task.id, 'stop', { reason, ...result }, told, now)
  }
  if (outcome === 'released') return advanceTask(db, task.id, 'release', { reason }, told, now)
  const retryCount = task.retryCount + 1
  if (end.mayRetry === false || retryCount > task.maxRetries) {
    return advanceTask(db, task.id, 'fail', { reason, ...result }, told, now)
  }
  // Whose worker died has waited for its lease already.
  const delay = outcome === 'lost' ? 0 : retryDelay(task.retryDelayMs, task.retryCount)
  const hold = delay > 0 ? { hold: 'backoff' as const, wakeAt: now + delay } : {}
  return advanceTask(db, task.id, 'back_off', { reason, retryCount, ...hold }, told, now)
}

/**
 * Takes over the runs whose leases ended, and gives their tasks back: a worker that was only slow is refused from
 * here on. Returns the tasks.
 */
export async function repairRuns(db: Db, owner: string, now: EpochMs): Promise<Task[]> {
  const taken = await runLeases.takeOver(db, { owner, until: now + takenForMs }, now)
  const tasks: Task[] = []
  for (const row of taken) tasks.push(await giveUp(db, row, now))
  return tasks
}

/** Leases that end later than anybody could have set them, because the clock was set back, end at `until`. */
export async function shortenLeases(db: Db, until: EpochMs, over: EpochMs): Promise<void> {
  await db
    .updateTable('task_runs')
    .set({ lease_until: until })
    .where('outcome', 'is', null)
    .where('lease_until', '>', over)
    .execute()
}

/** As `repairRuns`, at once, for a worker that is known to be dead. */
export async function giveUpRunsOf(db: Db, leaseOwner: string, now: EpochMs): Promise<void> {
  for (const row of await liveOf(db, { leaseOwner })) await giveUp(db, row, now)
}

/** Gives back at once what a worker had that has ended. */
export async function releaseRunsOf(db: Db, leaseOwner: string, now: EpochMs): Promise<void> {
  for (const { id, lease_epoch: leaseEpoch, worker } of await liveOf(db, { leaseOwner })) {
    await failRun(db, { id, leaseEpoch }, 'released', { reason: `${worker} was stopped` }, now)
  }
}

/** Nobody works under it: it is ended in the same transaction. */
const takenForMs = 1_000

function giveUp(db: Db, row: Selectable<TaskRunRow>, now: EpochMs): Promise<Task> {
  const held = { id: row.id, leaseEpoch: row.lease_epoch }
  return failRun(db, held, 'lost', { reason: `${row.worker} gave no sign of life any more` }, now)
}

async function endRun(
  db: Db,
  held: Held,
  outcome: RunOutcome,
  end: RunEnd,
  now: EpochMs,
): Promise<Selectable<TaskRunRow> & { taskId: number; startedAt: EpochMs }> {
  const row = await runLeases.change(db, held, {
    outcome,
    ended_at: now,
    ...(end.reason && { reason: end.reason }),
    ...(end.exitCode != null && { exit_code: end.exitCode }),
    ...(end.signal != null && { signal: end.signal }),
    ...(end.peakMemoryBytes != null && { peak_memory_bytes: end.peakMemoryBytes }),
  })
  await countRun(db, row.worker_id, outcome)
  return { ...row, taskId: row.task_id, startedAt: row.started_at }
}

const liveOf = compileOnce((db, p: { leaseOwner: string }) =>
  db.selectFrom('task_runs').selectAll().where('lease_owner', '=', p.leaseOwner).where('outcome', 'is', null),
)
