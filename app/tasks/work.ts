import type { Actor } from '../core/account.ts'
import { AppError, isAppError } from '../core/errors.ts'
import { leaseMs, type Held } from '../core/queue.ts'
import {
  taskLimits,
  type LogPart,
  type RunEnd,
  type RunOutcome,
  type Task,
  type TaskId,
  type TaskRun,
} from '../core/task.ts'
import { leaseOwnerOf, type NewWorker, type Worker } from '../core/worker.ts'
import { claimNextTask, isAnyTaskFor } from '../db/task/claim.ts'
import { appendTaskLog } from '../db/task/logs.ts'
import { getRun, getTask, liveRunsOf, type LiveRun } from '../db/task/read.ts'
import { completeRun, failRun, releaseRunsOf, renewRun, renewRuns } from '../db/task/run.ts'
import { beatWorker, endWorker, getWorker, registerWorker } from '../db/worker.ts'
import { giveSecrets, parseWanted } from '../vault/give.ts'
import type { VaultTools } from '../vault/tools.ts'

/*
 * What a worker may ask for, over HTTP and beside the database alike. Times are those of whoever answers, so that
 * clocks of other machines don't count.
 */

export interface Claim {
  task: Task
  run: TaskRun
}

export function register({ database, clock }: VaultTools, worker: NewWorker): Promise<Worker> {
  return database.write((db) => registerWorker(db, worker, clock.now()))
}

/** The next task for a worker, which has shown by this that it lives; null: nothing waits for it. */
export async function claim(
  { database, clock }: VaultTools,
  workerId: number,
  only?: readonly string[],
): Promise<Claim | null> {
  const worker = await livingWorker(database.kysely, workerId)
  const types = only ? worker.types.filter((type) => only.includes(type)) : worker.types
  const asking = { ...worker, types }
  if (!(await isAnyTaskFor(database.kysely, asking))) return null
  return database.write((db) => {
    const now = clock.now()
    return claimNextTask(db, asking, { owner: leaseOwnerOf(worker), until: now + leaseMs }, now)
  })
}

async function livingWorker(db: VaultTools['database']['kysely'], id: number): Promise<Worker> {
  const worker = await getWorker(db, id)
  if (worker.endedAt === null) return worker
  throw new AppError('conflict', `Worker ${id} has ended: register again.`)
}

/** A sign of life, which keeps all that it works on. Returns its runs, with those that shall be ended. */
export async function beat({ database, clock }: VaultTools, workerId: number): Promise<LiveRun[]> {
  return database.write(async (db) => {
    const now = clock.now()
    const owner = leaseOwnerOf(await beatWorker(db, workerId, now))
    await renewRuns(db, { owner, until: now + leaseMs })
    return liveRunsOf(db, owner)
  })
}

/** The same list without a sign of life: a look that costs no write. */
export async function runsOfWorker({ database }: VaultTools, workerId: number): Promise<LiveRun[]> {
  return liveRunsOf(database.kysely, leaseOwnerOf(await getWorker(database.kysely, workerId)))
}

/** It works no more; what it still has goes back to the queue. */
export async function leave({ database, clock }: VaultTools, workerId: number): Promise<void> {
  await database.write(async (db) => {
    const now = clock.now()
    await endWorker(db, workerId, 'stop', now)
    await releaseRunsOf(db, leaseOwnerOf(await getWorker(db, workerId)), now)
  })
}

/** A run of a task as its worker names it. Throws `not_found` where it is one of another task. */
export interface NamedRun extends Held {
  taskId: TaskId
}

export async function keep(
  { database, clock }: VaultTools,
  run: NamedRun,
): Promise<{ run: TaskRun; cancel: boolean }> {
  await getRun(database.kysely, run.taskId, run.id)
  return database.write(async (db) => {
    const renewed = await renewRun(db, run, clock.now() + leaseMs)
    const { cancelRequestedAt } = await getTask(db, run.taskId)
    return { run: renewed, cancel: cancelRequestedAt !== null }
  })
}

export async function complete({ database, clock }: VaultTools, run: NamedRun, end: RunEnd): Promise<Task> {
  await getRun(database.kysely, run.taskId, run.id)
  return database.write((db) => completeRun(db, run, fitting(end), clock.now()))
}

export async function fail(
  { database, clock }: VaultTools,
  run: NamedRun,
  outcome: Exclude<RunOutcome, 'completed' | 'lost'>,
  end: RunEnd & { mayRetry?: boolean },
): Promise<Task> {
  await getRun(database.kysely, run.taskId, run.id)
  return database.write((db) => failRun(db, run, outcome, fitting(end), clock.now()))
}

export async function addLog(
  { database }: VaultTools,
  run: NamedRun,
  parts: readonly LogPart[],
): Promise<void> {
  await getRun(database.kysely, run.taskId, run.id)
  return database.write((db) => appendTaskLog(db, run, parts))
}

/** The secrets that a task names, for the environment of its programs, while the run is the worker's. */
export async function secretsFor(
  tools: VaultTools,
  run: NamedRun,
  by: Actor,
): Promise<Record<string, string>> {
  const { secrets } = await getTask(tools.database.kysely, run.taskId)
  const { outcome, leaseEpoch, number } = await getRun(tools.database.kysely, run.taskId, run.id)
  if (outcome !== null || leaseEpoch !== run.leaseEpoch) {
    throw new AppError('conflict', `Run ${run.id} is ${outcome ?? 'with another worker'}.`)
  }
  if (secrets.length === 0) return {}
  return giveSecrets({ ...tools, by }, secrets.map(parseWanted), `task ${run.taskId}, run ${number}`)
}

/** A result that is too large is left out, and says so: what a task did is not undone by it. */
export function fitting<End extends RunEnd>(end: End): End {
  const bytes = end.result === undefined ? 0 : Buffer.byteLength(JSON.stringify(end.result))
  const reason = end.reason?.slice(0, taskLimits.reasonChars)
  const cut = reason === undefined ? end : { ...end, reason }
  if (bytes <= taskLimits.resultBytes) return cut
  return { ...cut, result: { left_out: `${bytes} bytes; a result has at most ${taskLimits.resultBytes}` } }
}

/** Whether the run is not the asker's any more: it ended, or somebody took it over. */
export function isFenced(error: unknown): boolean {
  return isAppError(error, 'conflict') || isAppError(error, 'not_found')
}
