import { z } from 'zod'
import { submit } from '../../broker/commands.ts'
import { AppError } from '../../core/errors.ts'
import { talkKinds } from '../../core/prompt.ts'
import { maxPriority, minPriority } from '../../core/queue.ts'
import { ownPrompt } from '../own-prompt.ts'
import { defineTool } from '../tool.ts'

export const delegate = defineTool({
  name: 'delegate',
  description:
    'Give a part of your work to another session. Name one, or say what kind of work it is and let Architect ' +
    'choose. Then wait_for it; if you do not, you are told once it is done.',
  input: z.object({
    text: z.string().min(1).describe('the whole task: the other session knows nothing of yours'),
    to: z.string().min(1).optional().describe('name of a session'),
    kind: z.string().min(1).optional().describe('code, test, research, review, docs, …'),
    priority: z.number().int().min(minPriority).max(maxPriority).optional(),
    timeout_minutes: z.number().positive().optional(),
  }),
  async handle({ database, clock, session, input }) {
    const { text, to, kind, priority, timeout_minutes: timeoutMinutes } = input
    if (kind !== undefined && talkKinds.includes(kind))
      throw new AppError('invalid', `A ${kind} is no work, and nothing comes back: use send_prompt.`)
    const parent = await ownPrompt(database.kysely, session)
    const { prompt } = await submit(
      database,
      {
        content: text,
        from: session,
        ...(parent && { parent: parent.id }),
        ...(to !== undefined && { target: { session: to } }),
        ...(kind !== undefined && { kind }),
        ...(priority !== undefined && { priority }),
        ...(timeoutMinutes !== undefined && { timeoutMinutes }),
      },
      clock.now(),
    )
    return { prompt: prompt.id, state: prompt.state }
  },
})
