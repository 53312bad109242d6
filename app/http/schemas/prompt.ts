import { z } from 'zod'
import { attemptOutcomes, attemptPhases } from '../../core/attempt.ts'
import {
  holds,
  promptContexts,
  promptStates,
  reportStates,
  reviews,
  targetSchema,
} from '../../core/prompt.ts'
import { sessionStates } from '../../core/session.ts'

const time = z.number().nullable().describe('epoch ms')

/** A prompt as `toJson` gives it. */
export const promptSchema = z.object({
  id: z.number(),
  state: z.enum(promptStates),
  content: z.string(),
  priority: z.number(),
  target: targetSchema,
  timeout_minutes: z.number(),
  max_retries: z.number(),
  retry_count: z.number(),
  metadata: z.record(z.string(), z.unknown()),
  created_at: z.number(),
  enqueued_at: z.number(),
  hold: z.enum(holds).nullable(),
  wake_at: time,
  expires_at: time,
  idempotency_key: z.string().nullable(),
  after: z.array(z.number()),
  context: z.enum(promptContexts),
  follow_up_of: z.number().nullable(),
  agent_command: z.boolean(),
  repeatable: z.boolean(),
  waiting_for: z.string().nullable(),
  skips: z.number(),
  attention: z.string().nullable(),
  interrupt_requested_at: time,
  session_key: z.string().nullable(),
  session_name: z.string().nullable(),
  attempts: z.number(),
  started_at: time,
  ended_at: time,
  reason: z.string().nullable(),
  requires_follow_up: z.boolean(),
  kind: z.string().nullable().describe('code, test, research, review, docs, … as the sender called it'),
  parent: z.number().nullable().describe('the prompt that it is a part of'),
  depth: z.number(),
  from: z
    .object({ node: z.string(), name: z.string() })
    .nullable()
    .describe('the session that sent it; null: a person or a program'),
  report: z.enum(reportStates).nullable().describe('whether whoever delegated it has heard of its end'),
  review: z.enum(reviews).nullable(),
  review_comment: z.string().nullable(),
  reviewed_at: time,
  next_text: z.string().nullable().describe('what its next attempt says instead of its content'),
  first_target: targetSchema.nullable().describe('its target as given, while it goes on where it was'),
  version: z.number(),
})

/** A prompt in a list. */
export const listedPromptSchema = promptSchema.extend({
  content: z.string().describe('only the beginning of a long one'),
  content_length: z.number().describe('of the whole text, in characters'),
})

/** One piece of what a state or a phase was read from. */
export const evidenceSchema = z.object({
  source: z.enum(['process', 'hook', 'status_file', 'server', 'transcript', 'title', 'screen']),
  at: z.number(),
  says: z.string(),
  state: z.enum(sessionStates).optional(),
  rule: z.string().optional(),
})

/** One try of a prompt on one session, with what proved it. */
export const attemptSchema = z.object({
  id: z.number(),
  number: z.number(),
  text: z.string().nullable().describe('what it said; null: the content of the prompt'),
  session_key: z.string(),
  session_name: z.string(),
  agent: z.string(),
  phase: z.enum(attemptPhases),
  outcome: z.enum(attemptOutcomes).nullable(),
  reason: z.string().nullable(),
  claimed_at: z.number(),
  typed_at: time,
  entered_at: time,
  submitted_at: time,
  ended_at: time,
  paused_ms: z.number(),
  evidence: z.array(evidenceSchema),
  answer: z.string().nullable(),
  answer_source: z.enum(['hook', 'transcript', 'screen']).nullable(),
  tokens_in: z.number().nullable(),
  tokens_out: z.number().nullable(),
  cost_usd: z.number().nullable(),
  conversation: z.string().nullable(),
  changes: z
    .object({
      commits: z.array(z.string()),
      files: z.array(z.string()),
      added_lines: z.number(),
      removed_lines: z.number(),
    })
    .nullable(),
})

/** What every route answers that changed one prompt. */
export const changedPromptSchema = z.object({
  success: z.literal(true),
  prompt_id: z.number(),
  prompt: promptSchema,
})
