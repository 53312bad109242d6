import { z } from 'zod'
import { keepNote } from '../note.ts'
import { ownPrompt } from '../own-prompt.ts'
import { defineTool } from '../tool.ts'

export const logError = defineTool({
  name: 'log_error',
  description: 'Keep an error that you met and that somebody else should look at; go on with your work.',
  input: z.object({
    message: z.string().min(1).max(2_000),
    details: z.string().max(10_000).optional().describe('stack, command, file'),
  }),
  async handle({ database, clock, session, input }) {
    const prompt = await ownPrompt(database.kysely, session)
    const data = { ...input, name: session.name, promptId: prompt?.id ?? null }
    const nounId = `${session.node}/${session.name}`
    await keepNote({ database, clock }, { noun: 'session', nounId, type: 'error', data })
    return 'Kept.'
  },
})
