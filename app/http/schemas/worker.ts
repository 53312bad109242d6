import { z } from 'zod'
import type { Held } from '../../core/queue.ts'
import { runOutcomes, taskTypePattern, taskTypeRule } from '../../core/task.ts'
import { taskTypeSchema } from './task.ts'

/** In snake case, as everything in the API; `app/core/worker.ts` says what they mean. */
export const workerSchema = z.object({
  id: z.number(),
  name: z.string(),
  node: z.string(),
  pid: z.number().nullable(),
  version: z.string(),
  concurrency: z.number(),
  types: z.array(z.string()),
  own_types: z.array(taskTypeSchema),
  problems: z.array(z.string()),
  started_at: z.number(),
  heartbeat_at: z.number(),
  ended_at: z.number().nullable(),
  completed: z.number(),
  failed: z.number(),
})

const name = z.string().trim().min(1).max(100)
const typeName = z.string().regex(taskTypePattern, { error: `must be ${taskTypeRule}` })

export const newWorkerBody = z.strictObject({
  name,
  node: name.nullish().describe("where it runs; the dashboard's node when absent"),
  types: z.array(typeName).max(200).default([]).describe('what it can do'),
  concurrency: z.number().int().min(1).max(1_000).default(1),
  pid: z.number().int().positive().nullish(),
  version: z.string().max(100).default(''),
  own_types: z
    .array(taskTypeSchema.extend({ type: typeName, about: z.string().max(1_000) }))
    .max(200)
    .default([]),
  problems: z.array(z.string().max(2_000)).max(100).default([]),
})

/** Whose run it is, as the claim said it: an earlier epoch is refused. */
export const heldFields = {
  run_id: z.number().int().positive().describe('as the claim said it'),
  epoch: z.number().int().positive().describe('as the claim said it; an earlier one is refused (409)'),
}

export function heldOf(body: { run_id: number; epoch: number }): Held {
  return { id: body.run_id, leaseEpoch: body.epoch }
}

export const endFields = {
  exit_code: z.number().int().nullish(),
  signal: z.string().max(20).nullish(),
  peak_memory_bytes: z.number().int().min(0).nullish(),
  result: z.unknown().optional(),
}

export const failOutcomes = runOutcomes.filter((each) => each !== 'completed' && each !== 'lost')

export const liveRunSchema = z.object({
  run_id: z.number(),
  task_id: z.number(),
  epoch: z.number(),
  cancel: z.boolean().describe('somebody cancelled it: end it, and say fail with outcome cancelled'),
})
