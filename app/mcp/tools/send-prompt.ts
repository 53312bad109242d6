import { z } from 'zod'
import { submit } from '../../broker/commands.ts'
import { defineTool } from '../tool.ts'

export const sendPrompt = defineTool({
  name: 'send_prompt',
  description:
    'A message to another session: it reads it when its turn ends, and you hear nothing back. ' +
    'For work whose result you want, use delegate.',
  input: z.object({
    to: z.string().min(1).describe('name of the session'),
    text: z.string().min(1),
  }),
  async handle({ database, clock, session, input }) {
    const { prompt } = await submit(
      database,
      { content: input.text, kind: 'message', from: session, target: { session: input.to } },
      clock.now(),
    )
    return { prompt: prompt.id, state: prompt.state }
  },
})
