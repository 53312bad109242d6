import { z } from 'zod'
import { getPrompt } from '../../db/prompts.ts'
import { lastAttempt } from '../../db/attempts.ts'
import { partOf } from '../excerpt.ts'
import { defineTool } from '../tool.ts'

export const getResult = defineTool({
  name: 'get_result',
  description: 'How a prompt stands and, when it is done, its answer and what it changed.',
  input: z.object({
    prompt: z.number().int().positive(),
    part: z.number().int().positive().default(1).describe('of a long answer'),
  }),
  readOnly: true,
  async handle({ database, input }) {
    const prompt = await getPrompt(database.kysely, input.prompt)
    const attempt = await lastAttempt(database.kysely, prompt.id)
    const { text, part } = partOf(attempt?.answer ?? '', input.part)
    return {
      prompt: prompt.id,
      state: prompt.state,
      ...(prompt.sessionName && { session: prompt.sessionName }),
      ...(prompt.reason && { reason: prompt.reason }),
      ...(prompt.attention && { needs_person: prompt.attention }),
      ...(prompt.state === 'pending' && prompt.waitingFor && { waiting_for: prompt.waitingFor }),
      ...(attempt?.changes && { changes: attempt.changes }),
      ...(text && { answer: text }),
      ...(part && { part }),
    }
  },
})
