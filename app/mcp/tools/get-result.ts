import { z } from 'zod'
import { noteHeard } from '../../broker/delegation/wait.ts'
import { readablePrompt } from '../may-read.ts'
import { fullResult } from '../shown-result.ts'
import { defineTool } from '../tool.ts'

export const getResult = defineTool({
  name: 'get_result',
  description: 'How a prompt stands and, when it has ended, its whole answer and what it changed.',
  input: z.object({
    prompt: z.number().int().positive(),
    part: z.number().int().positive().default(1).describe('of a long answer'),
  }),
  readOnly: true,
  async handle({ database, session, input }) {
    const prompt = await readablePrompt(database.kysely, session, input.prompt)
    await noteHeard(database, [prompt], session)
    return fullResult(database.kysely, prompt, input.part)
  },
})
