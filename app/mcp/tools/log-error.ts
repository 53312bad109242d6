import { z } from 'zod'
import { recordError } from '../../errors/record-error.ts'
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
    const report = {
      node: session.node,
      errorType: 'agent',
      message: input.message,
      source: session.name,
      stack: input.details ?? null,
      session: session.name,
      metadata: prompt ? { prompt: prompt.id } : {},
    }
    await keepNote({ database, clock }, { noun: 'session', nounId, type: 'error', data }, (db, at) =>
      recordError(db, report, at),
    )
    return 'Kept.'
  },
})
