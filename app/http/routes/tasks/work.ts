import { z } from 'zod'
import { leaseMs, renewEveryMs } from '../../../core/queue.ts'
import { toJson } from '../../../json.ts'
import {
  addLog,
  beat,
  claim,
  complete,
  fail,
  keep,
  leave,
  register,
  runsOfWorker,
  secretsFor,
} from '../../../tasks/work.ts'
import type { VaultTools } from '../../../vault/tools.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { runSchema, taskJson, taskSchema } from '../../schemas/task.ts'
import {
  endFields,
  failOutcomes,
  heldFields,
  heldOf,
  liveRunSchema,
  newWorkerBody,
  workerSchema,
} from '../../schemas/worker.ts'
import type { Web } from '../../web.ts'

/*
 * What task workers ask for. Their tokens have the scope `work`: it gives out tasks and their secrets, and makes none.
 */

const worker: Access = { role: 'operator', scope: 'work' }
const shared = { tag: 'Workers', access: worker } as const
const success = z.object({ success: z.literal(true) })

const toolsOf = ({ database, clock, vault }: Web): VaultTools => ({ database, clock, vault })

const registerRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/workers/register',
  summary: 'Register a worker; each registration is one of its own',
  body: newWorkerBody,
  reply: success.extend({
    id: z.number(),
    worker_id: z.number(),
    worker: workerSchema,
    lease_ms: z.number().describe('a run without a sign of life for so long is given to another worker'),
    heartbeat_ms: z.number().describe('how often to give one'),
  }),
  async handle({ web, body }) {
    const { node, pid, own_types, ...rest } = body
    const ownTypes = own_types.map(({ timeout_ms: timeoutMs, max_retries: maxRetries, ...type }) => ({
      ...type,
      timeoutMs,
      maxRetries,
    }))
    const made = await register(toolsOf(web), {
      ...rest,
      ownTypes,
      types: [...new Set([...rest.types, ...ownTypes.map(({ type }) => type)])],
      node: node ?? web.config.node,
      pid: pid ?? null,
    })
    const times = { lease_ms: leaseMs, heartbeat_ms: renewEveryMs }
    return { success: true as const, id: made.id, worker_id: made.id, worker: workerJson(made), ...times }
  },
})

/** JSON Schemas keep their keys. */
export function workerJson(given: Awaited<ReturnType<typeof register>>): z.output<typeof workerSchema> {
  const own = given.ownTypes.map(({ schema, ...type }) => ({ ...toJson(type), schema }))
  return { ...toJson({ ...given, ownTypes: [] }), own_types: own }
}

const liveRuns = success.extend({
  runs: z.array(liveRunSchema).describe('a run that is not here is not yours any more'),
})

const beatRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/workers/:id/heartbeat',
  summary: 'A sign of life, which keeps everything that the worker works on',
  params: idParams,
  reply: liveRuns,
  async handle({ web, params }) {
    return { success: true as const, runs: toJson(await beat(toolsOf(web), params.id)) }
  },
})

const runsRoute = defineRoute({
  ...shared,
  method: 'get',
  path: '/api/workers/:id/runs',
  summary: 'What the worker works on, and what of that shall end; no sign of life',
  params: idParams,
  reply: liveRuns,
  async handle({ web, params }) {
    return { success: true as const, runs: toJson(await runsOfWorker(toolsOf(web), params.id)) }
  },
})

const leaveRoute = defineRoute({
  ...shared,
  method: 'delete',
  path: '/api/workers/:id',
  summary: 'The worker ends; what it still has goes back to the queue',
  params: idParams,
  reply: success,
  async handle({ web, params }) {
    await leave(toolsOf(web), params.id)
    return { success: true as const }
  },
})

const claimRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/claim',
  summary: 'Claim the next task that the worker can do; task is null when nothing waits',
  body: z.strictObject({
    worker_id: z.number().int().positive().describe('as the registration said it'),
    types: z.array(z.string().max(40)).max(200).nullish().describe('only these of its types'),
  }),
  reply: success.extend({
    task: taskSchema.nullable(),
    run_id: z.number().nullable(),
    epoch: z.number().nullable(),
    run: runSchema.nullable(),
  }),
  async handle({ web, body }) {
    const claimed = await claim(toolsOf(web), body.worker_id, body.types ?? undefined)
    if (!claimed) return { success: true as const, task: null, run_id: null, epoch: null, run: null }
    const { task, run } = claimed
    const held = { run_id: run.id, epoch: run.leaseEpoch }
    return { success: true as const, task: taskJson(task), ...held, run: toJson(run) }
  },
})

const ended = success.extend({ task: taskSchema })

const completeRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/:id/complete',
  summary: 'A run did what its task asks',
  params: idParams,
  body: z.strictObject({ ...heldFields, ...endFields }),
  reply: ended,
  async handle({ web, params, body }) {
    const task = await complete(toolsOf(web), { taskId: params.id, ...heldOf(body) }, endOf(body))
    return { success: true as const, task: taskJson(task) }
  },
})

const failRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/:id/fail',
  summary: 'A run did not do it; the task is tried again while it has retries left',
  params: idParams,
  body: z.strictObject({
    ...heldFields,
    ...endFields,
    error: z.string().max(2_000).nullish().describe('why, for people'),
    outcome: z.enum(failOutcomes).default('failed').describe('released: no fault of its own'),
    retry: z.boolean().default(true).describe('false: trying again would not help'),
  }),
  reply: ended,
  async handle({ web, params, body }) {
    const end = { ...endOf(body), reason: body.error ?? null, mayRetry: body.retry }
    const task = await fail(toolsOf(web), { taskId: params.id, ...heldOf(body) }, body.outcome, end)
    return { success: true as const, task: taskJson(task) }
  },
})

type EndBody = z.output<z.ZodObject<typeof endFields>>

function endOf({ exit_code, signal, peak_memory_bytes, result }: EndBody) {
  return {
    exitCode: exit_code ?? null,
    signal: signal ?? null,
    peakMemoryBytes: peak_memory_bytes ?? null,
    ...(result !== undefined && { result }),
  }
}

const keepRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/:id/heartbeat',
  summary: 'A sign of life for one run; cancel says that it shall end',
  params: idParams,
  body: z.strictObject(heldFields),
  reply: success.extend({ lease_until: z.number(), cancel: z.boolean() }),
  async handle({ web, params, body }) {
    const { run, cancel } = await keep(toolsOf(web), { taskId: params.id, ...heldOf(body) })
    return { success: true as const, lease_until: run.leaseUntil, cancel }
  },
})

const part = z.strictObject({
  at: z.number().int().min(0).describe('the byte of the whole log that it begins at'),
  bytes: z.number().int().min(0),
  text: z.string().max(300_000),
})

const addLogRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/:id/logs',
  summary: 'More of what the programs of a run wrote',
  params: idParams,
  body: z.strictObject({ ...heldFields, parts: z.array(part).max(100) }),
  bodyBytes: 1_000_000,
  reply: success,
  async handle({ web, params, body }) {
    await addLog(toolsOf(web), { taskId: params.id, ...heldOf(body) }, body.parts)
    return { success: true as const }
  },
})

const secretsRoute = defineRoute({
  ...shared,
  method: 'post',
  path: '/api/tasks/:id/secrets',
  summary: 'The secrets that a task names, for the worker that has it; each is written down in the audit',
  params: idParams,
  body: z.strictObject(heldFields),
  reply: success.extend({ env: z.record(z.string(), z.string()) }),
  async handle({ web, params, body, caller }) {
    const env = await secretsFor(toolsOf(web), { taskId: params.id, ...heldOf(body) }, caller!.actor)
    return { success: true as const, env }
  },
})

export const workRoutes: readonly Route[] = [
  registerRoute,
  beatRoute,
  runsRoute,
  leaveRoute,
  claimRoute,
  completeRoute,
  failRoute,
  keepRoute,
  addLogRoute,
  secretsRoute,
]
