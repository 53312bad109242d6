import { z } from 'zod'
import type { NewTask, Task } from '../../core/task.ts'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { runOutcomes, taskHolds, taskLimits, taskStates } from '../../core/task.ts'
import { toJson } from '../../json.ts'

/** In snake case, as everything in the API; `app/core/task.ts` says what they mean. */
export const taskSchema = z.object({
  id: z.number(),
  state: z.enum(taskStates),
  status: z.enum(taskStates).describe('the same, by the name that the documents give it'),
  type: z.string(),
  name: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  priority: z.number(),
  node: z.string().nullable(),
  dir: z.string().nullable(),
  secrets: z.array(z.string()),
  timeout_ms: z.number(),
  max_retries: z.number(),
  retry_delay_ms: z.number(),
  retry_count: z.number(),
  runs: z.number(),
  hold: z.enum(taskHolds).nullable(),
  wake_at: z.number().nullable(),
  idempotency_key: z.string().nullable(),
  worker: z.string().nullable(),
  cancel_requested_at: z.number().nullable(),
  created_by: z.string(),
  schedule_id: z.number().nullable(),
  created_at: z.number(),
  enqueued_at: z.number(),
  started_at: z.number().nullable(),
  ended_at: z.number().nullable(),
  reason: z.string().nullable(),
  result: z.unknown(),
  version: z.number(),
})

/** The result is the task's own, and keeps its keys. */
export function taskJson({ result, ...task }: Task): z.output<typeof taskSchema> {
  return { ...toJson(task), status: task.state, result }
}

export const runSchema = z.object({
  id: z.number(),
  task_id: z.number(),
  number: z.number(),
  worker_id: z.number(),
  worker: z.string(),
  node: z.string(),
  lease_owner: z.string(),
  lease_epoch: z.number(),
  lease_until: z.number(),
  started_at: z.number(),
  ended_at: z.number().nullable(),
  outcome: z.enum(runOutcomes).nullable(),
  reason: z.string().nullable(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  peak_memory_bytes: z.number().nullable(),
  log_bytes: z.number(),
  log_tail: z.string(),
})

export const taskTypeSchema = z.object({
  type: z.string(),
  about: z.string(),
  schema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of data; null: anything'),
  timeout_ms: z.number(),
  max_retries: z.number(),
})

const data = z.record(z.string(), z.unknown())
const words = z.string().trim().min(1)

/** What a task is, also of a schedule. */
export const taskFields = {
  type: z.string().min(1).max(40).describe('GET /api/tasks/types lists them'),
  data: data.default({}).describe('what the type asks for'),
  name: words.max(taskLimits.nameChars).nullish().describe('for people'),
  priority: z.number().int().min(minPriority).max(maxPriority).nullish(),
  node: words.max(200).nullish().describe('only workers of this node'),
  dir: z
    .string()
    .startsWith('/')
    .max(4_096)
    .nullish()
    .describe("the working folder, on the worker's machine"),
  secrets: z
    .array(z.string().min(1).max(300))
    .max(taskLimits.secrets)
    .nullish()
    .describe('NAME or VARIABLE=name: in the environment of its programs'),
  timeout_seconds: z
    .number()
    .min(0.1)
    .max(taskLimits.timeoutMs / 1_000)
    .nullish(),
  max_retries: z.number().int().min(0).max(taskLimits.maxRetries).nullish(),
  retry_delay_seconds: z
    .number()
    .min(0)
    .max(86_400)
    .nullish()
    .describe('before the first retry; doubled each time'),
}

/** Of what is asked for together with secrets; kept nowhere. */
export const password = z
  .string()
  .max(1_000)
  .optional()
  .describe('where there are secrets and the login is not recent')

/** Of the year 9999: later ones are no dates for most programs. */
const lastMoment = 253_402_300_799_999

export const newTaskBody = z.strictObject({
  ...taskFields,
  not_before: z.number().int().max(lastMoment).nullish().describe('epoch ms'),
  idempotency_key: words.max(200).nullish().describe('a second task with it is the first one'),
  password,
})

type TaskFields = z.output<z.ZodObject<typeof taskFields>>

export function newTaskOf(body: TaskFields): Omit<NewTask, 'createdBy'> {
  return {
    type: body.type,
    data: body.data,
    name: body.name ?? null,
    node: body.node ?? null,
    dir: body.dir ?? null,
    ...(body.priority != null && { priority: body.priority }),
    ...(body.secrets && { secrets: body.secrets }),
    ...(body.timeout_seconds != null && { timeoutMs: Math.round(body.timeout_seconds * 1_000) }),
    ...(body.max_retries != null && { maxRetries: body.max_retries }),
    ...(body.retry_delay_seconds != null && { retryDelayMs: Math.round(body.retry_delay_seconds * 1_000) }),
  }
}
