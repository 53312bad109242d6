import { z } from 'zod'
import { attemptOutcomes, attemptPhases } from '../../core/attempt.ts'
import { queueStatuses } from '../../broker/snapshot.ts'

/** One prompt in Nightshift's words. */
export const queueItemSchema = z.object({
  id: z.number(),
  prompt: z.string().describe('in lists only the beginning of a long one'),
  prompt_length: z.number().describe('of the whole text, in characters'),
  status: z.enum(queueStatuses),
  project_id: z.string().nullable(),
  queue_position: z
    .number()
    .nullable()
    .describe('of what waits: its place in the order in which it will be given out, from 1; 0: it runs'),
  created_at: z.number(),
  enqueued_at: z.number(),
  started_at: z.number().nullable(),
  finished_at: z.number().nullable(),
  attempt_count: z.number(),
  requires_follow_up: z.boolean(),
  summary: z.string().nullable().describe('why it ended so, or what the restart is for'),
  session: z.string().nullable(),
  priority: z.number(),
})

const bucketSchema = z.object({ count: z.number(), ids: z.array(z.number()) })

export const snapshotSchema = z.object({
  items: z.array(queueItemSchema),
  next_cursor: z.string().nullable(),
  status_buckets: z.record(z.enum(queueStatuses), bucketSchema),
  cursor: z.number().describe('the event that this is as new as'),
})

const messageSchema = z.object({
  role: z.enum(['user', 'system', 'assistant']),
  at: z.number().nullable(),
  content: z.string(),
})

/** One attempt, as the conversation that it was. */
export const threadSchema = z.object({
  id: z.number(),
  number: z.number(),
  status: z.enum(['running', ...attemptOutcomes]),
  phase: z.enum(attemptPhases),
  session: z.string(),
  agent: z.string(),
  started_at: z.number(),
  finished_at: z.number().nullable(),
  messages: z.array(messageSchema),
  tokens_in: z.number().nullable(),
  tokens_out: z.number().nullable(),
  cost_usd: z.number().nullable(),
})

export const queueItemWithAttempts = queueItemSchema.extend({ attempts: z.array(threadSchema) })

export const changedItemSchema = z.object({
  success: z.literal(true),
  prompt_id: z.number(),
  prompt: queueItemSchema,
})
