import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { keepNote } from '../note.ts'
import { ownPrompt } from '../own-prompt.ts'
import { defineTool } from '../tool.ts'

export const report = defineTool({
  name: 'report',
  description:
    'Note how far you are, for those who look on. It disturbs nobody; your answer at the end is what counts.',
  input: z.object({ text: z.string().min(1).max(2_000) }),
  async handle({ database, clock, session, input }) {
    const prompt = await ownPrompt(database.kysely, session)
    if (!prompt)
      throw new AppError('conflict', 'You work on no prompt from the queue: tell the person directly.')
    const data = { text: input.text, name: session.name }
    await keepNote({ database, clock }, { noun: 'prompt', nounId: String(prompt.id), type: 'report', data })
    return 'Noted.'
  },
})
