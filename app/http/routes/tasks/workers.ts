import { z } from 'zod'
import { countTasks, runningByWorker } from '../../../db/task/read.ts'
import { getTaskPauses } from '../../../db/task/pauses.ts'
import { taskStates } from '../../../core/task.ts'
import { listWorkers } from '../../../db/worker.ts'
import { defineRoute, type Route } from '../../route.ts'
import { workerSchema } from '../../schemas/worker.ts'
import { operator, viewer } from './queue.ts'
import { serviceTypes } from '../../services.ts'
import { toJson } from '../../../json.ts'
import { workerJson } from './work.ts'

const tag = 'Workers'
const serviceSchema = z.object({
  type: z.enum(serviceTypes),
  is_stopped: z.boolean(),
  pid: z.number().nullable(),
  since: z.number().nullable(),
})

const hourMs = 3_600_000

const listRoute = defineRoute({
  method: 'get',
  path: '/api/workers',
  tag,
  summary: 'Workers that work, and those that ended within the last day',
  access: viewer,
  reply: z.object({ items: z.array(workerSchema), next_cursor: z.null() }),
  async handle({ web }) {
    const workers = await listWorkers(web.database.kysely, web.clock.now() - 24 * hourMs)
    return { items: workers.map(workerJson), next_cursor: null }
  },
})

const statusRoute = defineRoute({
  method: 'get',
  path: '/api/workers/status',
  tag,
  summary: 'The workers that work, what they work on, and what waits for them',
  access: viewer,
  reply: z.object({
    workers: z.array(workerSchema.extend({ running: z.array(z.number()).describe('tasks') })),
    counts: z.partialRecord(z.enum(taskStates), z.number()),
    paused: z.object({ all: z.boolean(), types: z.array(z.string()) }),
    services: z.array(serviceSchema).describe('what this dashboard starts and watches'),
  }),
  async handle({ web }) {
    const db = web.database.kysely
    const now = web.clock.now()
    const [workers, running, counts, paused] = await Promise.all([
      listWorkers(db, now),
      runningByWorker(db),
      countTasks(db),
      getTaskPauses(db),
    ])
    const busy = workers.map((one) => ({ ...workerJson(one), running: running.get(one.id) ?? [] }))
    return { workers: busy, counts, paused, services: toJson(await web.services.list()) }
  },
})

/** `task` and `task-worker` mean the task worker: people and the documents call it so. */
const typeParams = z.object({
  type: z
    .enum([...serviceTypes, 'task', 'task-worker'])
    .transform((type) => (type === 'assigner' ? type : ('task_worker' as const))),
})

function switching(word: 'start' | 'stop'): Route {
  return defineRoute({
    method: 'post',
    path: `/api/workers/${word}/:type`,
    tag,
    summary:
      word === 'start'
        ? 'Have the dashboard start a worker of this type, and watch it'
        : 'End the worker of this type; it stays away until it is started again',
    access: operator,
    params: typeParams,
    reply: z.object({ success: z.literal(true), services: z.array(serviceSchema) }),
    async handle({ web, params }) {
      await web.services[word](params.type)
      return { success: true as const, services: toJson(await web.services.list()) }
    },
  })
}

export const workerRoutes: readonly Route[] = [listRoute, statusRoute, switching('start'), switching('stop')]
