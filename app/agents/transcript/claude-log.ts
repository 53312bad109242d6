import { z } from 'zod'
import type { EpochMs } from '../../core/clock.ts'
import { parseLimitTime } from '../limit-time.ts'
import { beginTurn, parseLine, type RecordedTurn, type TurnLog } from './recorded-turn.ts'

/** The turns of a Claude Code transcript (`projects/<folder>/<session>.jsonl`), versions 1.0 to 2.1. */
export function claudeTurnLog(): TurnLog {
  const turns: RecordedTurn[] = []
  // Several prompts can share a turn: what is entered while a tool runs is merged into it.
  let running: RecordedTurn[] = []
  const waiting: string[] = []
  const usage = new Map<string, Usage>()
  const begin = (text: string, at: EpochMs, sessionId: string | null) => {
    usage.clear()
    running = [beginTurn(turns, text, at, sessionId)]
  }
  const end = (at: EpochMs, how: NonNullable<RecordedTurn['how']>) => {
    for (const turn of running) Object.assign(turn, { endedAt: at, how })
  }
  /** A turn that nobody ended was stopped before its first word: Claude writes nothing about that. */
  const cutOff = (at: EpochMs) => {
    for (const turn of running) if (!turn.endedAt) Object.assign(turn, { endedAt: at, how: 'interrupted' })
    running = []
  }

  const join = (text: string, line: Line, at: EpochMs) => {
    if (running.some((turn) => turn.text === text)) return
    running.push(beginTurn(turns, text, at, line.sessionId ?? null))
  }
  /** Prompts that are entered during a turn wait in a queue; `remove` means merged into the running turn. */
  const readQueue = (line: Line, at: EpochMs) => {
    if (line.operation === 'enqueue' && typeof line.content === 'string') waiting.push(line.content)
    else if (line.operation === 'popAll') waiting.length = 0
    else {
      const text = waiting.shift()
      if (line.operation === 'remove' && text !== undefined) join(text, line, at)
    }
  }
  const readUser = (line: Line, at: EpochMs) => {
    if (line.isMeta || line.isCompactSummary) return
    const text = userText(line)
    if (text === null) return
    if (text.startsWith('[Request interrupted by user')) return end(at, 'interrupted')
    if (/^<local-command-std(out|err)>/.test(text)) return end(at, 'completed')
    if (/^<bash-std(out|err)>/.test(text)) return
    cutOff(at)
    const said = spoken(text)
    if (said !== null) begin(said, at, line.sessionId ?? null)
  }

  const readAssistant = (line: Line, at: EpochMs) => {
    if (line.isApiErrorMessage) {
      const error = textOf(line)
      const limit = limitOf(line, error, at)
      for (const turn of running) Object.assign(turn, { error, limitedUntil: limit?.until ?? null })
      return end(at, limit ? 'limited' : 'error')
    }
    const { id = '', stop_reason: stop, usage: used } = line.message ?? {}
    if (used) usage.set(id, used)
    const tokens = totals(usage)
    const text = textOf(line)
    for (const turn of running) {
      Object.assign(turn, { ...tokens, endedAt: null, how: null, error: null, limitedUntil: null })
      if (text !== '') turn.answer = text
    }
    if (stop && stop !== 'tool_use' && stop !== 'pause_turn') end(at, 'completed')
  }

  const readSystem = (line: Line, at: EpochMs) => {
    const finishes = line.subtype === 'turn_duration' || line.subtype === 'local_command'
    if (finishes && running.some((turn) => !turn.endedAt)) end(at, 'completed')
  }
  const readAttachment = ({ attachment, ...line }: Line, at: EpochMs) => {
    if (attachment?.type === 'queued_command' && typeof attachment.prompt === 'string') {
      join(attachment.prompt, line, at)
    }
  }
  const readers: Record<Line['type'], (line: Line, at: EpochMs) => void> = {
    user: readUser,
    assistant: readAssistant,
    system: readSystem,
    attachment: readAttachment,
    'queue-operation': readQueue,
  }

  return {
    turns,
    addLine(text) {
      if (!mayMatter.test(text)) return
      const checked = lineSchema.safeParse(parseLine(text))
      if (!checked.success || checked.data.isSidechain) return
      const line = checked.data
      const at = Date.parse(line.timestamp)
      readers[line.type](line, at)
    },
  }
}

/** Most of a transcript's bytes are copies of requests: those lines are not parsed. */
const mayMatter = /"type":"(user|assistant|system|queue-operation)"|"queued_command"/

const usageSchema = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
})
type Usage = z.infer<typeof usageSchema>

const block = z.looseObject({ type: z.string(), text: z.string().optional() })
const lineSchema = z.looseObject({
  type: z.enum(['user', 'assistant', 'system', 'attachment', 'queue-operation']),
  subtype: z.string().nullish(),
  operation: z.string().nullish(),
  content: z.unknown().optional(),
  timestamp: z.string(),
  sessionId: z.string().optional(),
  isMeta: z.boolean().optional(),
  isSidechain: z.boolean().optional(),
  isCompactSummary: z.boolean().optional(),
  isApiErrorMessage: z.boolean().optional(),
  apiError: z.string().nullish(),
  error: z.unknown().optional(),
  quotaLimits: z.looseObject({ status: z.string().nullish(), resetsAt: z.number().nullish() }).nullish(),
  attachment: z.looseObject({ type: z.string(), prompt: z.unknown().optional() }).optional(),
  message: z
    .looseObject({
      id: z.string().optional(),
      content: z.union([z.string(), z.array(block)]).optional(),
      stop_reason: z.string().nullish(),
      usage: usageSchema.optional(),
    })
    .optional(),
})
type Line = z.infer<typeof lineSchema>

/** What a person said; null for a line that carries tool results. */
function userText({ message }: Line): string | null {
  const content = message?.content
  if (content === undefined || typeof content === 'string') return content ?? null
  if (content.some(({ type }) => type === 'tool_result')) return null
  return content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join('\n')
}

function textOf({ message }: Line): string {
  const content = message?.content ?? ''
  if (typeof content === 'string') return content
  return content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join('\n')
}

/** The words that were typed; null for what Claude tells itself (a background task has ended). */
function spoken(text: string): string | null {
  const command = /<command-name>([^]*?)<\/command-name>/.exec(text)?.[1]
  if (command !== undefined) {
    const args = /<command-args>([^]*?)<\/command-args>/.exec(text)?.[1] ?? ''
    return `${command} ${args}`.trim()
  }
  const shell = /^<bash-input>([^]*)<\/bash-input>$/.exec(text)?.[1]
  if (shell !== undefined) return `!${shell}`
  return /^<(task-notification|system-reminder)/.test(text) ? null : text
}

function limitOf(line: Line, text: string, at: EpochMs): { until: EpochMs | null } | null {
  const resetsAt = line.quotaLimits?.resetsAt
  const isLimit =
    line.apiError === 'usage_limit_reached' ||
    line.quotaLimits?.status === 'rejected' ||
    /usage limit reached|hit your .*limit|limit reached/i.test(text)
  if (!isLimit) return null
  if (resetsAt) return { until: resetsAt * 1000 }
  const stamp = /\|(\d{10})\b/.exec(text)?.[1]
  return { until: stamp === undefined ? parseLimitTime(text, at) : Number(stamp) * 1000 }
}

/** Sums over messages; a message of several blocks is written once per block, with the same usage. */
function totals(usage: Map<string, Usage>) {
  let tokensIn = 0
  let tokensOut = 0
  for (const used of usage.values()) {
    tokensIn += used.input_tokens ?? 0
    tokensIn += (used.cache_read_input_tokens ?? 0) + (used.cache_creation_input_tokens ?? 0)
    tokensOut += used.output_tokens ?? 0
  }
  return { tokensIn, tokensOut }
}
