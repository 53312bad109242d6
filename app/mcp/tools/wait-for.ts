import { z } from 'zod'
import { waitFor as waitForPrompts } from '../../broker/delegation/wait.ts'
import { endsWith } from '../../core/signals.ts'
import { AppError } from '../../core/errors.ts'
import { endStates, type PromptState } from '../../core/prompt.ts'
import { openChildIds } from '../../db/prompt/children.ts'
import { dueChildren } from '../../db/prompt/reports.ts'
import { getPrompt } from '../../db/prompts.ts'
import { readablePrompt } from '../may-read.ts'
import { endWhenAsked } from '../end-when-asked.ts'
import { ownPrompt } from '../own-prompt.ts'
import { asksOfLed, type ShownAsk } from '../shown-asks.ts'
import { briefResults } from '../shown-result.ts'
import { defineTool, type ToolCall } from '../tool.ts'

/** Agents give up on a tool after about a minute; what takes longer is asked for again. */
const longestSeconds = 50

const input = z.object({
  prompts: z
    .array(z.number().int().positive())
    .min(1)
    .max(100)
    .optional()
    .describe('all of this task when absent'),
  how: z.enum(['one', 'all']).default('all'),
  seconds: z.number().int().min(0).max(longestSeconds).default(longestSeconds),
})

type Call = ToolCall<z.output<typeof input>>

export const waitFor = defineTool({
  name: 'wait_for',
  description:
    'Wait until prompts that you delegated have ended: all of them, or one. When time is up, or somebody asks ' +
    'what you may answer, it says what is still open; call it again.',
  input,
  readOnly: true,
  async handle(call) {
    const { database, session } = call
    const db = database.kysely
    const ids = [...new Set(call.input.prompts ?? (await openOnes(call)))]
    for (const id of ids) await readablePrompt(db, session, id)
    const inTime = await waitAtMost(call, ids)
    const asks = await asksOfLed(database, session)
    const prompts = await Promise.all(ids.map((id) => getPrompt(db, id)))
    const ended = prompts.filter(({ state }) => (endStates as readonly PromptState[]).includes(state))
    const open = prompts.filter((prompt) => !ended.includes(prompt))
    return {
      ended: await briefResults(db, ended),
      ...(open.length > 0 && {
        open: open.map(({ id, state, sessionName, sessionKey }) => ({
          prompt: id,
          state,
          session: sessionName,
          ...(asks.has(sessionKey ?? '') && { asks: asks.get(sessionKey!)!.shown }),
        })),
        ...(!inTime && { note: noteOf(open.map(({ sessionKey }) => asks.get(sessionKey ?? ''))) }),
      }),
    }
  },
})

/** What is open, and what has ended since this session last heard of its parts. */
async function openOnes({ database, clock, session }: ToolCall<unknown>): Promise<number[]> {
  const db = database.kysely
  const own = await ownPrompt(db, session)
  if (own) {
    const ended = await dueChildren(db, own.id, clock.now())
    const ids = [...ended.map(({ id }) => id), ...(await openChildIds(db, own.id))]
    if (ids.length > 0) return ids
  }
  throw new AppError('conflict', 'Nothing that you delegated in this task is open. Name prompts to wait for.')
}

/** Returns whether it came to pass; not when time is up, nor when somebody has to be answered first. */
async function waitAtMost(call: Call, ids: readonly number[]): Promise<boolean> {
  const { database, clock, session, signal, input } = call
  using waiting = endsWith(signal)
  void clock.sleep(input.seconds * 1_000, waiting.signal).then(waiting.end)
  const ended = waitForPrompts({ database, clock, by: session }, ids, input.how, waiting.signal)
  try {
    await Promise.all([ended.finally(waiting.end), endWhenAsked(call, ids, waiting)])
    return true
  } catch (error) {
    if (signal.aborted || error !== waiting.signal.reason) throw error
    return false
  } finally {
    waiting.end()
  }
}

function noteOf(asks: readonly (ShownAsk | undefined)[]): string {
  const isAsked = asks.some((ask) => ask?.isYours)
  return isAsked ? 'answer what is asked, then wait_for again' : 'time is up; wait_for again'
}
