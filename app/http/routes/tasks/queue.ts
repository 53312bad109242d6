import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { taskStates } from '../../../core/task.ts'
import { cancelTask, redriveTasks, retryTask } from '../../../db/task/change.ts'
import { readTaskLog } from '../../../db/task/logs.ts'
import { getTaskPauses, pauseTasks, resumeTasks } from '../../../db/task/pauses.ts'
import {
  countTasks,
  getTask,
  listTasks,
  runsOf,
  secretsOfFailed,
  type TaskFilter,
} from '../../../db/task/read.ts'
import { toJson } from '../../../json.ts'
import { createTask, listTypes } from '../../../tasks/create.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { cursorSchema, idParams, limitSchema, pageOf, severalOf } from '../../schemas/list.ts'
import {
  newTaskBody,
  newTaskOf,
  password,
  runSchema,
  taskJson,
  taskSchema,
  taskTypeSchema,
} from '../../schemas/task.ts'
import { requireForSecrets } from '../vault/give.ts'

const tag = 'Tasks'
export const viewer = { role: 'viewer', scope: 'read' } as const satisfies Access
export const operator = { role: 'operator', scope: 'tasks' } as const satisfies Access
const changed = z.object({ success: z.literal(true), task: taskSchema })

const createRoute = defineRoute({
  method: 'post',
  path: '/api/tasks',
  tag,
  summary: 'Create a background task; type shell, as all others, takes the role operator',
  access: operator,
  body: newTaskBody,
  reply: z.object({
    success: z.literal(true),
    id: z.number(),
    task_id: z.number(),
    created: z.boolean().describe('false: one with this key was there'),
    task: taskSchema,
  }),
  status: 201,
  async handle({ web, body, caller, address }) {
    const { secrets, password } = body
    await requireForSecrets(web, caller!, { secrets: secrets ?? [], password, address })
    const now = web.clock.now()
    const input = {
      ...newTaskOf(body),
      createdBy: caller!.name,
      notBefore: body.not_before ?? null,
      idempotencyKey: body.idempotency_key ?? null,
    }
    const { task, created } = await web.database.write((db) => createTask(db, input, now))
    return { success: true as const, id: task.id, task_id: task.id, created, task: taskJson(task) }
  },
})

const filterQuery = z.object({
  state: severalOf(taskStates),
  status: severalOf(taskStates).describe('the same'),
  type: z.string().max(40).optional(),
  node: z.string().max(200).optional(),
  worker: z.string().max(200).optional(),
  q: z.string().max(200).optional().describe('letters of its name or type, or its number'),
  limit: limitSchema,
  cursor: cursorSchema,
})

function filterOf(query: z.output<typeof filterQuery>): TaskFilter {
  const { state, status, type, node, worker, q, cursor } = query
  const states = state ?? status
  return {
    ...(states && { states }),
    ...(type !== undefined && { type }),
    ...(node !== undefined && { node }),
    ...(worker !== undefined && { worker }),
    ...(q !== undefined && { text: q }),
    ...(cursor !== undefined && { before: cursor }),
  }
}

const counts = z.partialRecord(z.enum(taskStates), z.number())
const paused = z.object({ all: z.boolean(), types: z.array(z.string()) })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/tasks',
  tag,
  summary: 'List tasks, the newest first',
  access: viewer,
  query: filterQuery,
  reply: pageOf(taskSchema).extend({ counts, paused }),
  async handle({ web, query }) {
    const db = web.database.kysely
    const { before: _, ...counted } = filterOf(query)
    const [found, all, pauses] = await Promise.all([
      listTasks(db, filterOf(query), { limit: query.limit + 1 }),
      countTasks(db, counted),
      getTaskPauses(db),
    ])
    const items = found.slice(0, query.limit)
    const next_cursor = found.length > query.limit ? items.at(-1)!.id : null
    return { items: items.map(taskJson), next_cursor, counts: all, paused: pauses }
  },
})

const typesRoute = defineRoute({
  method: 'get',
  path: '/api/tasks/types',
  tag,
  summary: 'Every type of task with the JSON Schema of its data',
  access: viewer,
  reply: z.object({ items: z.array(taskTypeSchema), next_cursor: z.null() }),
  async handle({ web }) {
    const types = await listTypes(web.database.kysely, web.clock.now())
    // A schema's keys are its own.
    const items = types.map(({ schema, ...type }) => ({ ...toJson(type), schema }))
    return { items, next_cursor: null }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/tasks/:id',
  tag,
  summary: 'One task with its runs, the last one first',
  access: viewer,
  params: idParams,
  reply: taskSchema.extend({ run_list: z.array(runSchema) }),
  async handle({ web, params }) {
    const db = web.database.kysely
    const task = await getTask(db, params.id)
    return { ...taskJson(task), run_list: toJson(await runsOf(db, task.id)) }
  },
})

const logQuery = z.object({
  run: z.coerce.number().int().positive().optional().describe('number of the run; the last one when absent'),
  from: z.coerce.number().int().min(0).default(0).describe('only what begins at this byte or later'),
})

const logRoute = defineRoute({
  method: 'get',
  path: '/api/tasks/:id/logs',
  tag,
  summary:
    'What the programs of a run wrote; where a part begins later than the one before ends, bytes were cut',
  access: viewer,
  params: idParams,
  query: logQuery,
  reply: z.object({
    run: runSchema.nullable(),
    parts: z.array(z.object({ at: z.number(), bytes: z.number(), text: z.string() })),
    text: z.string(),
  }),
  async handle({ web, params, query }) {
    const db = web.database.kysely
    const runs = await runsOf(db, (await getTask(db, params.id)).id)
    const run = query.run === undefined ? runs[0] : runs.find(({ number }) => number === query.run)
    if (!run && query.run !== undefined) {
      throw new AppError('not_found', `Task ${params.id} has no run ${query.run}.`)
    }
    const parts = run ? await readTaskLog(db, run.id, query.from) : []
    return { run: run ? toJson(run) : null, parts, text: parts.map(({ text }) => text).join('') }
  },
})

const cancelRoute = defineRoute({
  method: 'post',
  path: '/api/tasks/:id/cancel',
  tag,
  summary: 'Cancel a task; of one that runs, its worker ends it within seconds',
  access: operator,
  params: idParams,
  reply: changed,
  async handle({ web, params, caller }) {
    const now = web.clock.now()
    const task = await web.database.write((db) => cancelTask(db, params.id, caller!.name, now))
    return { success: true as const, task: taskJson(task) }
  },
})

const retryRoute = defineRoute({
  method: 'post',
  path: '/api/tasks/:id/retry',
  tag,
  summary: 'Send a failed or cancelled task again; one with secrets as it was made',
  access: operator,
  params: idParams,
  body: z.strictObject({ password }).default({}),
  reply: changed,
  async handle({ web, params, body, caller, address }) {
    const { secrets } = await getTask(web.database.kysely, params.id)
    await requireForSecrets(web, caller!, { secrets, ...body, address })
    const task = await web.database.write((db) => retryTask(db, params.id, web.clock.now()))
    return { success: true as const, task: taskJson(task) }
  },
})

const oneType = z.strictObject({ type: z.string().min(1).max(40).nullish().describe('without it, all') })

const redriveRoute = defineRoute({
  method: 'post',
  path: '/api/tasks/redrive',
  tag,
  summary: 'Send dead letters again: every failed task, or those of one type; 500 at a time',
  access: operator,
  body: oneType.extend({ password }),
  reply: z.object({ success: z.literal(true), task_ids: z.array(z.number()) }),
  async handle({ web, body, caller, address }) {
    const { database, clock } = web
    const { password: said, type } = body
    const secrets = await secretsOfFailed(database.kysely, type ?? null)
    await requireForSecrets(web, caller!, { secrets, password: said, address })
    // One that failed since the look, with secrets, is left where nobody was asked for them.
    const which = { type: type ?? null, withSecrets: secrets.length > 0, limit: 500 }
    const ids = await database.write((db) => redriveTasks(db, which, clock.now()))
    return { success: true as const, task_ids: ids }
  },
})

function switching(word: 'pause' | 'resume', summary: string): Route {
  return defineRoute({
    method: 'post',
    path: `/api/tasks/${word}`,
    tag,
    summary,
    access: operator,
    body: oneType,
    reply: z.object({ success: z.literal(true), paused }),
    async handle({ web, body, caller }) {
      const { database, clock } = web
      const type = body.type ?? null
      await database.write((db) =>
        word === 'pause'
          ? pauseTasks(db, type, caller!.name, clock.now())
          : resumeTasks(db, type, clock.now()),
      )
      return { success: true as const, paused: await getTaskPauses(database.kysely) }
    },
  })
}

export const queueRoutes: readonly Route[] = [
  createRoute,
  listRoute,
  typesRoute,
  redriveRoute,
  switching('pause', 'Give out no tasks, at all or of one type; what runs goes on'),
  switching('resume', 'Undo the pause of a type; without a type, every pause'),
  cancelRoute,
  retryRoute,
  logRoute,
  showRoute,
]
