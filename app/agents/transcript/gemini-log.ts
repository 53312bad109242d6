import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import { parseLimitTime } from '../limit-time.ts'
import { beginTurn, parseLine, type RecordedTurn, type TurnLog } from './recorded-turn.ts'

/**
 * The turns of a Gemini CLI chat (`tmp/<project>/chats/session-*.jsonl`). It tells prompts, answers, interrupts
 * and errors, but not that a turn has ended well: words that announce a tool call are written like an answer,
 * and the call follows only when it was approved and has run. So `endedAt` stays null then.
 */
export function geminiTurnLog(): TurnLog {
  const turns: RecordedTurn[] = []
  let running: RecordedTurn | null = null
  let sessionId: string | null = null
  const tokens = new Map<string, { input: number; output: number }>()

  const end = (at: EpochMs, changes: Partial<RecordedTurn>) => {
    if (running && running.endedAt === null) Object.assign(running, { endedAt: at, ...changes })
  }
  const readers: Record<Message['type'], (message: Message, at: EpochMs) => void> = {
    user: (message, at) => {
      const text = textOf(message)
      if (text === '' || /^\s*<session_context>/.test(text)) return
      tokens.clear()
      running = beginTurn(turns, text, at, sessionId)
    },
    gemini: (message) => {
      if (!running) return
      if (message.tokens) tokens.set(message.id, message.tokens)
      const used = [...tokens.values()]
      running.tokensIn = used.reduce((sum, { input }) => sum + input, 0)
      running.tokensOut = used.reduce((sum, { output }) => sum + output, 0)
      running.answer = textOf(message) || running.answer
    },
    info: (message, at) => {
      if (textOf(message).startsWith('Request cancelled')) end(at, { how: 'interrupted' })
    },
    error: (message, at) => {
      const error = textOf(message)
      const isLimit = /quota|usage limit|RESOURCE_EXHAUSTED/i.test(error)
      const limitedUntil = isLimit ? parseLimitTime(error, at) : null
      end(at, { how: isLimit ? 'limited' : 'error', error, limitedUntil })
    },
  }

  return {
    turns,
    addLine(line) {
      const value = parseLine(line)
      const header = headerSchema.safeParse(value)
      if (header.success) sessionId = header.data.sessionId
      const message = messageSchema.safeParse(value)
      if (message.success) readers[message.data.type](message.data, Date.parse(message.data.timestamp))
    },
  }
}

const headerSchema = z.looseObject({ sessionId: z.string(), startTime: z.string() })
const messageSchema = z.looseObject({
  id: z.string(),
  timestamp: z.string(),
  type: z.enum(['user', 'gemini', 'info', 'error']),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]),
  tokens: z.looseObject({ input: z.number(), output: z.number() }).nullish(),
})
type Message = z.infer<typeof messageSchema>

function textOf({ content }: Message): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('')
}
