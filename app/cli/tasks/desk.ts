import type { LogPart, NewTask, Task, TaskId, TaskRun, TaskState } from '../../core/task.ts'
import { cancelTask, retryTask } from '../../db/task/change.ts'
import { readTaskLog } from '../../db/task/logs.ts'
import { getTask, listTasks, runsOf } from '../../db/task/read.ts'
import { AppError } from '../../core/errors.ts'
import { fromJson, toJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { createTask } from '../../tasks/create.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

/** The background tasks of one machine's dashboard. */
export interface TasksDesk {
  /** The newest first. */
  list(filter: TasksWanted): Promise<Task[]>
  /** With its runs, the last one first. */
  show(id: TaskId): Promise<{ task: Task; runs: TaskRun[] }>
  add(task: AddedTask): Promise<{ task: Task; created: boolean }>
  cancel(id: TaskId): Promise<Task>
  retry(id: TaskId): Promise<Task>
  /** What begins at byte `from` or later of a run, the last one when none is said; null: there was none yet. */
  log(id: TaskId, which: { run?: number; from: number }): Promise<{ run: TaskRun | null; parts: LogPart[] }>
}

export interface TasksWanted {
  limit: number
  states?: readonly TaskState[]
  type?: string
  node?: string
  text?: string
}

export type AddedTask = Omit<NewTask, 'createdBy' | 'scheduleId'>

export const tasksDesks: Sides<TasksDesk> = { local: localTasks, remote: remoteTasks }

function localTasks(records: Records): TasksDesk {
  const { database, clock } = records
  const db = database.kysely
  const createdBy = personHere().name
  return {
    list: ({ limit, ...filter }) => listTasks(db, filter, { limit }),
    show: async (id) => ({ task: await getTask(db, id), runs: await runsOf(db, id) }),
    async add(task) {
      await requirePerson(records)
      return database.write((write) => createTask(write, { ...task, createdBy }, clock.now()))
    },
    async cancel(id) {
      await requirePerson(records)
      return database.write((write) => cancelTask(write, id, createdBy, clock.now()))
    },
    async retry(id) {
      await requirePerson(records)
      return database.write((write) => retryTask(write, id, clock.now()))
    },
    async log(id, { run: number, from }) {
      const runs = await runsOf(db, (await getTask(db, id)).id)
      const run = number === undefined ? runs[0] : runs.find((each) => each.number === number)
      if (!run && number !== undefined) throw new AppError('not_found', `Task ${id} has no run ${number}.`)
      return { run: run ?? null, parts: run ? await readTaskLog(db, run.id, from) : [] }
    },
  }
}

/** `status` is `state` by another name; a result keeps its own keys. */
type TaskJson = Json<Task> & { status?: TaskState; run_list?: Json<TaskRun>[] }

function remoteTasks(dashboard: Dashboard): TasksDesk {
  const change = async (path: string, body?: object) =>
    taskOf((await dashboard.send<{ task: TaskJson }>('POST', path, body)).task)
  return {
    async list({ limit, states, type, node, text }) {
      const query = {
        limit,
        ...(states && { state: states.join(',') }),
        ...(type !== undefined && { type }),
        ...(node !== undefined && { node }),
        ...(text !== undefined && { q: text }),
      }
      return (await dashboard.get<{ items: TaskJson[] }>('/api/tasks', query)).items.map(taskOf)
    },
    async show(id) {
      const { run_list = [], ...task } = await dashboard.get<TaskJson>(`/api/tasks/${id}`)
      return { task: taskOf(task), runs: fromJson<TaskRun[]>(run_list) }
    },
    async add(task) {
      const path = '/api/tasks'
      const { task: made, created } = await dashboard.send<{ task: TaskJson; created: boolean }>(
        'POST',
        path,
        bodyOf(task),
      )
      return { task: taskOf(made), created }
    },
    cancel: (id) => change(`/api/tasks/${id}/cancel`),
    retry: (id) => change(`/api/tasks/${id}/retry`, {}),
    async log(id, which) {
      const query = { from: which.from, ...(which.run !== undefined && { run: which.run }) }
      const { run, parts } = await dashboard.get<{ run: Json<TaskRun> | null; parts: LogPart[] }>(
        `/api/tasks/${id}/logs`,
        query,
      )
      return { run: run && fromJson<TaskRun>(run), parts }
    },
  }
}

function taskOf({ result, ...json }: TaskJson): Task {
  const { status: _status, run_list: _runs, ...task } = json
  return { ...fromJson<Task>(task as Json<Task>), result }
}

function bodyOf({ timeoutMs, retryDelayMs, ...task }: AddedTask): object {
  return {
    ...toJson(task),
    ...(timeoutMs !== undefined && { timeout_seconds: timeoutMs / 1_000 }),
    ...(retryDelayMs !== undefined && { retry_delay_seconds: retryDelayMs / 1_000 }),
  }
}
