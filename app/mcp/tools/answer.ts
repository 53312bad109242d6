import { z } from 'zod'
import type { Wish } from '../../broker/interactions/answer-of.ts'
import { fateOfWish, takeBackWish, type WishFate } from '../../broker/interactions/wish-fate.ts'
import { wishAnswer } from '../../broker/interactions/session-wish.ts'
import { AppError } from '../../core/errors.ts'
import type { SessionWish } from '../../core/interaction.ts'
import { endsWith } from '../../core/signals.ts'
import { defineTool, type ToolCall } from '../tool.ts'

/** As long as this something that can be given is given, or is on its way; an agent waits for it meanwhile. */
const longestMs = 20_000
const mostOptions = 100
const number = z.number().int().min(1).max(mostOptions)

const input = z.object({
  interaction: z.number().int().positive(),
  say: z.enum(['approve', 'deny']).optional(),
  option: z
    .union([number, z.array(number).min(1).max(mostOptions)])
    .optional()
    .describe('its number; a list where boxes are ticked'),
  text: z.string().min(1).max(10_000).optional().describe('words of your own'),
})
type Input = z.output<typeof input>

export const answer = defineTool({
  name: 'answer',
  description:
    'Answer what a session asks that you lead, as list_sessions and wait_for show it: say, option or text. ' +
    'Given only while it still asks just that.',
  input,
  async handle(call) {
    const { interaction: id } = call.input
    const wish = await wishAnswer(call, id, wishOf(call.input), call.session)
    const fate = await fateInTime(call, wish)
    if (fate.is === 'given') return 'Answered.'
    if (fate.is === 'unknown')
      return `It is not certain that the answer arrived: ${fate.because}. A person has to look.`
    if (fate.is === 'refused') throw new AppError('conflict', `Nothing was answered: ${fate.because}.`)
    return 'The answer is on its way; list_sessions shows whether it still asks.'
  },
})

function wishOf({ say, option, text }: Input): Wish {
  if (say !== undefined && option === undefined && text === undefined) return { say }
  if (say === undefined && option !== undefined) return { option, ...(text !== undefined && { text }) }
  if (say === undefined && text !== undefined) return { text }
  throw new AppError('invalid', 'Give say, or option, or text; of these, text may go with option.')
}

/** What nobody waits for any more is not given: who hangs up, or goes on, takes it back. */
async function fateInTime(call: ToolCall<Input>, wish: SessionWish): Promise<WishFate> {
  const { clock, signal, input: given } = call
  using waiting = endsWith(signal)
  void clock.sleep(longestMs, waiting.signal).then(waiting.end)
  try {
    return await fateOfWish(call, given.interaction, wish, waiting.signal)
  } catch (error) {
    if (!waiting.signal.aborted) throw error
    const fate = await takeBackWish(call, given.interaction, wish, tooLong)
    signal.throwIfAborted()
    return fate
  } finally {
    waiting.end()
  }
}

const tooLong = `it could not be given within ${longestMs / 1_000} s: somebody types there, or the assigner does not run`
