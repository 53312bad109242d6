import { sql } from 'kysely'
import { AppError } from '../../core/errors.ts'
import type { RunId, Task, TaskId, TaskRun, TaskState } from '../../core/task.ts'
import { fromJson, toJson } from '../columns.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { toRun, toTask } from './row.ts'

/** Throws `not_found`. */
export async function getTask(db: Db, id: TaskId): Promise<Task> {
  const [row] = await selectTask(db, { id })
  if (!row) throw new AppError('not_found', `There is no task ${id}.`)
  return toTask(row)
}

const selectTask = compileOnce((db, p: { id: TaskId }) =>
  db.selectFrom('task_queue').selectAll().where('id', '=', p.id),
)

/** The runs of a task, the last one first. */
export async function runsOf(db: Db, taskId: TaskId): Promise<TaskRun[]> {
  const rows = await db
    .selectFrom('task_runs')
    .selectAll()
    .where('task_id', '=', taskId)
    .orderBy('number', 'desc')
    .limit(mostRuns)
    .execute()
  return rows.map(toRun)
}

/** Earlier ones of a task that was sent again and again are not read. */
const mostRuns = 100

/** Throws `not_found`. */
export async function getRun(db: Db, taskId: TaskId, runId: number): Promise<TaskRun> {
  const row = await db
    .selectFrom('task_runs')
    .selectAll()
    .where('id', '=', runId)
    .where('task_id', '=', taskId)
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `Task ${taskId} has no run ${runId}.`)
  return toRun(row)
}

/** A run that somebody works on, as its worker asks for it. */
export interface LiveRun {
  runId: RunId
  taskId: TaskId
  epoch: number
  /** Somebody cancelled it. */
  cancel: boolean
}

export async function liveRunsOf(db: Db, leaseOwner: string): Promise<LiveRun[]> {
  const rows = await selectLive(db, { leaseOwner })
  return rows.map(({ id, task_id, lease_epoch, cancel_requested_at }) => ({
    runId: id,
    taskId: task_id,
    epoch: lease_epoch,
    cancel: cancel_requested_at !== null,
  }))
}

const selectLive = compileOnce((db, p: { leaseOwner: string }) =>
  db
    .selectFrom('task_runs as r')
    .innerJoin('task_queue as t', 't.id', 'r.task_id')
    .select(['r.id', 'r.task_id', 'r.lease_epoch', 't.cancel_requested_at'])
    .where('r.lease_owner', '=', p.leaseOwner)
    .where('r.outcome', 'is', null),
)

/** What each worker works on now, by its id. */
export async function runningByWorker(db: Db): Promise<Map<number, TaskId[]>> {
  const rows = await db
    .selectFrom('task_runs')
    .select(['worker_id', 'task_id'])
    .where('outcome', 'is', null)
    .orderBy('id')
    .execute()
  const running = new Map<number, TaskId[]>()
  for (const { worker_id, task_id } of rows) {
    running.set(worker_id, [...(running.get(worker_id) ?? []), task_id])
  }
  return running
}

/** As its column has it. */
export const noSecrets = toJson<string[]>([])

/** Every secret that a failed task names, of one type or of all (null), each once. */
export async function secretsOfFailed(db: Db, type: string | null): Promise<string[]> {
  let query = db
    .selectFrom('task_queue')
    .select('secrets')
    .distinct()
    .where('state', '=', 'failed')
    .where('secrets', '<>', noSecrets)
  if (type !== null) query = query.where('type', '=', type)
  const rows = await query.execute()
  return [...new Set(rows.flatMap(({ secrets }) => fromJson<string[]>(secrets)))]
}

export interface TaskFilter {
  states?: readonly TaskState[]
  type?: string
  node?: string
  worker?: string
  scheduleId?: number
  /** Letters of its name, or its number. */
  text?: string
  /** Only those that came before this one. */
  before?: TaskId
}

/** The newest first. `limit` of them, after `offset`. */
export async function listTasks(
  db: Db,
  filter: TaskFilter,
  slice: { limit: number; offset?: number },
): Promise<Task[]> {
  let query = filtered(db, filter).selectAll().orderBy('id', 'desc').limit(slice.limit)
  if (slice.offset) query = query.offset(slice.offset)
  return (await query.execute()).map(toTask)
}

/** How many there are of each state; `states` does not count here. */
export async function countTasks(
  db: Db,
  { states: _states, ...filter }: TaskFilter = {},
): Promise<Partial<Record<TaskState, number>>> {
  const rows = await filtered(db, filter)
    .select(['state', sql<number>`count(*)`.as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

function filtered(db: Db, filter: TaskFilter) {
  const { states, type, node, worker, scheduleId, text, before } = filter
  let query = db.selectFrom('task_queue')
  if (states) query = query.where('state', 'in', [...states])
  if (type !== undefined) query = query.where('type', '=', type)
  if (node !== undefined) query = query.where('node', '=', node)
  if (worker !== undefined) query = query.where('worker', '=', worker)
  if (scheduleId !== undefined) query = query.where('schedule_id', '=', scheduleId)
  if (before !== undefined) query = query.where('id', '<', before)
  if (!text) return query
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`
  const number = Number(text.replace(/^#/, ''))
  return query.where((eb) =>
    eb.or([
      sql<boolean>`lower(coalesce(name, '') || ' ' || type) like ${pattern} escape '\\'`,
      ...(Number.isSafeInteger(number) && number > 0 ? [eb('id', '=', number)] : []),
    ]),
  )
}
