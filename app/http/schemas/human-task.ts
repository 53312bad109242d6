import { z } from 'zod'
import { humanTaskStates } from '../../core/human-task.ts'

/** What a session needs a person for. */
export const humanTaskSchema = z.object({
  id: z.number(),
  state: z.enum(humanTaskStates),
  node: z.string(),
  session: z.string(),
  session_key: z.string().nullable(),
  prompt_id: z.number().nullable(),
  question: z.string(),
  context: z.string().nullable(),
  choices: z.array(z.string()),
  due_at: z.number().nullable(),
  missing_since: z.number().nullable(),
  created_at: z.number(),
  ended_at: z.number().nullable(),
  answer: z.string().nullable(),
  answered_by: z.string().nullable(),
  answer_prompt_id: z.number().nullable().describe('the prompt by which the session hears of it'),
})

/** A prompt about which a person has to decide; its own routes change it. */
export const blockedPromptSchema = z.object({
  prompt_id: z.number(),
  state: z.string(),
  attention: z.string(),
  beginning: z.string(),
  session: z.string().nullable(),
})
