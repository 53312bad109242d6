import { z } from 'zod'
import { promptStates } from '../../core/prompt.ts'
import { sessionStates } from '../../core/session.ts'

const counts = <Word extends string>(words: readonly [Word, ...Word[]]) => z.record(z.enum(words), z.number())

/** A prompt that is with a session now. */
const assignmentSchema = z.object({
  prompt_id: z.number(),
  state: z.enum(promptStates),
  session: z.string().nullable(),
  priority: z.number(),
  started_at: z.number().nullable(),
  content: z.string().describe('the beginning of it'),
  attention: z.string().nullable(),
})

export const statusSchema = z.object({
  success: z.literal(true),
  cursor: z.number().describe('of the event log that this is as new as'),
  assigner: z.object({
    running: z.boolean(),
    pid: z.number().nullable(),
    started_at: z.number().nullable(),
    version: z.string().nullable(),
  }),
  dashboard: z.object({ pid: z.number(), started_at: z.number(), version: z.string() }),
  controls: z.object({
    paused: z.boolean(),
    draining: z.boolean(),
    reason: z.string().nullable(),
    changed_at: z.number(),
  }),
  stats: counts(promptStates),
  sessions: counts(sessionStates),
  active_assignments: z.array(assignmentSchema),
  attention: z.array(assignmentSchema).describe('a person has to decide something about these'),
  oldest_waiting_since: z.number().nullable(),
})
