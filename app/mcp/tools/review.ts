import { z } from 'zod'
import { accept, sendBack } from '../../broker/delegation/review.ts'
import { AppError } from '../../core/errors.ts'
import { defineTool } from '../tool.ts'

export const review = defineTool({
  name: 'review',
  description:
    'Judge the result of a prompt that you delegated: accept it, or send it back with a comment, which the ' +
    'session then works on.',
  input: z.object({
    prompt: z.number().int().positive(),
    verdict: z.enum(['accept', 'send_back']),
    comment: z.string().min(1).optional().describe('required to send it back'),
  }),
  async handle({ database, clock, session, input: { prompt: id, verdict, comment } }) {
    if (verdict === 'accept') {
      await accept(database, id, session, comment ?? null, clock.now())
      return { prompt: id, review: 'accepted' }
    }
    if (comment === undefined) throw new AppError('invalid', 'Say in comment what has to change.')
    const { state } = await sendBack(database, id, session, comment, clock.now())
    return { prompt: id, review: 'sent_back', state }
  },
})
