import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import { parseLimitTime } from '../limit-time.ts'
import { beginTurn, parseLine, type RecordedTurn, type TurnLog } from './recorded-turn.ts'

/** The turns of a Codex rollout (`sessions/Y/M/D/rollout-*.jsonl`). */
export function codexTurnLog(): TurnLog {
  const turns: RecordedTurn[] = []
  let sessionId: string | null = null
  // What is entered while a turn runs steers it: several prompts, one end.
  let running: RecordedTurn[] = []
  let spent = { input_tokens: 0, output_tokens: 0 }
  let spentBefore = spent
  let resetsAt: number | null = null
  let usedUp = false

  const change = (changes: Partial<RecordedTurn>) => {
    for (const turn of running) Object.assign(turn, changes)
  }
  const fail = (message: string, code: unknown, at: EpochMs) => {
    const isLimit = JSON.stringify(code ?? '').includes('usage_limit') || /usage limit/i.test(message)
    const until = resetsAt === null ? parseLimitTime(message, at) : resetsAt * 1000
    change({ error: message, how: isLimit ? 'limited' : 'error', limitedUntil: isLimit ? until : null })
  }
  const begin = () => {
    running = []
    spentBefore = spent
  }
  const addPrompt = (event: Event, at: EpochMs) => {
    const said = promptOf(event)
    if (said !== null) running.push(beginTurn(turns, said, at, sessionId))
  }
  const count = ({ info, rate_limits: limits }: Event) => {
    spent = info?.total_token_usage ?? spent
    resetsAt = limits?.primary?.resets_at ?? resetsAt
    usedUp = (limits?.primary?.used_percent ?? 0) >= 100
    change({
      tokensIn: spent.input_tokens - spentBefore.input_tokens,
      tokensOut: spent.output_tokens - spentBefore.output_tokens,
    })
  }
  const complete = ({ error, last_agent_message: answer }: Event, at: EpochMs) => {
    // Before 0.160 the record does not say why a turn ended without an answer.
    if (error) fail(error.message, error.codex_error_info, at)
    else if (!answer) fail(usedUp ? 'usage limit' : 'the turn ended without an answer', null, at)
    else change({ how: 'completed' })
    change({ endedAt: at, answer: answer ?? null })
    running = []
  }
  const abort = (_event: Event, at: EpochMs) => {
    change({ endedAt: at, how: 'interrupted' })
    running = []
  }
  const readers = new Map<string | undefined, (event: Event, at: EpochMs) => void>([
    ['task_started', begin],
    ['user_message', addPrompt],
    ['item_completed', addPrompt],
    ['token_count', count],
    ['error', (event, at) => fail(event.message ?? 'unknown error', event.codex_error_info, at)],
    ['task_complete', complete],
    ['turn_aborted', abort],
  ])

  return {
    turns,
    addLine(text) {
      if (!text.includes('"event_msg"') && !text.includes('"session_meta"')) return
      const checked = lineSchema.safeParse(parseLine(text))
      if (!checked.success) return
      const line = checked.data
      if (line.type === 'session_meta') sessionId = line.payload.id ?? null
      else readers.get(line.payload.type)?.(line.payload, Date.parse(line.timestamp))
    },
  }
}

const failure = z.looseObject({ message: z.string(), codex_error_info: z.unknown().optional() })
const usage = z.looseObject({ input_tokens: z.number(), output_tokens: z.number() })
const eventSchema = z.looseObject({
  type: z.string().optional(),
  id: z.string().optional(),
  message: z.string().optional(),
  codex_error_info: z.unknown().optional(),
  last_agent_message: z.string().nullish(),
  error: failure.nullish(),
  info: z.looseObject({ total_token_usage: usage.optional() }).nullish(),
  rate_limits: z
    .looseObject({
      primary: z
        .looseObject({ resets_at: z.number().nullish(), used_percent: z.number().nullish() })
        .nullish(),
    })
    .nullish(),
  item: z.looseObject({ type: z.string(), content: z.unknown().optional() }).optional(),
})
type Event = z.infer<typeof eventSchema>

const lineSchema = z.looseObject({
  type: z.enum(['event_msg', 'session_meta']),
  timestamp: z.string(),
  payload: eventSchema,
})

const texts = z.array(z.looseObject({ text: z.string().optional() }))

/** The prompt in an event: `user_message` in older versions, a completed `UserMessage` item in newer ones. */
function promptOf({ type, message, item }: Event): string | null {
  if (type === 'user_message') return message ?? null
  if (item?.type !== 'UserMessage') return null
  const content = texts.safeParse(item.content)
  return content.success ? content.data.map(({ text }) => text ?? '').join('\n') : null
}
