import { z } from 'zod'
import { freshId, serverSentEvent, stubUsage } from './dialect.ts'
import type { Ask, Dialect, Refusal, Refused, ToolCall, Voice } from './dialect.ts'
import { readMcpCall, type ToolKind, type ToolWish } from './directives.ts'

/** Anthropic's Messages API, as Claude Code uses it. */
export const anthropicMessages: Dialect = {
  handles: (path) => /\/v1\/messages(\?|$)/.test(path),
  read,
  refuse,
  callFor,
  whole: (text, ask) => ({
    ...messageHead(ask),
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: usage(stubUsage.output),
  }),
  speak,
}

const block = z.looseObject({ type: z.string(), text: z.string().optional() })
const request = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
})

/** What Claude Code itself puts beside a person's words. */
const ownBlock =
  /^\s*<(system-reminder|local-command|command-name|command-message|bash-(input|stdout)|task-notification|user-memory)/
/** A background job ended: Claude begins a turn of its own to look at it. */
const wakes = /^\s*<[\s\S]*<task-id>/

function read(body: unknown): Ask {
  const { model, stream, system, tools, messages } = request.parse(body)
  let results = 0
  let woken = false
  let prompt = ''
  for (const { role, content } of messages.toReversed()) {
    if (role !== 'user') continue
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    const texts = blocks.flatMap(({ type, text }) =>
      type === 'text' && text !== undefined && !ownBlock.test(text) ? [text] : [],
    )
    if (blocks.some(({ text }) => wakes.test(text ?? ''))) woken = true
    const isResult = blocks.some(({ type }) => type === 'tool_result')
    if (isResult && !texts.some((text) => text.includes('[['))) results += woken ? 0 : 1
    else if (texts.length > 0) {
      prompt = texts.at(-1) ?? ''
      break
    }
  }
  const systemText = typeof system === 'string' ? system : (system ?? []).map(({ text }) => text).join('\n')
  const wantsTitle = /title/i.test(systemText + prompt.slice(0, 2000))
  return {
    prompt,
    results,
    woken,
    tools: (tools ?? []).map(({ name }) => name),
    streamed: stream === true,
    compacting: /Your task is to create a detailed summary|CRITICAL: Respond with TEXT ONLY/.test(prompt),
    model,
    aside: wantsTitle ? '{"title": "Stub session title", "isNewTopic": true}' : 'stub',
  }
}

const errorTypes: Record<number, [type: string, message: string]> = {
  400: ['invalid_request_error', 'stub error 400'],
  401: ['authentication_error', 'invalid x-api-key'],
  429: ['rate_limit_error', 'This request would exceed the rate limit for your organization'],
  500: ['api_error', 'Internal server error'],
  529: ['overloaded_error', 'Overloaded'],
}

function refuse(refusal: Refusal): Refused {
  const error = (status: number, type: string, message: string, headers = {}): Refused => ({
    status,
    headers,
    body: { type: 'error', error: { type, message }, request_id: freshId('req') },
  })
  if (refusal.why === 'limit') {
    const message = "This request would exceed your account's rate limit. Please try again later."
    return error(429, 'rate_limit_error', message, limitHeaders(refusal.window))
  }
  if (refusal.why === 'credit') {
    const message =
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.'
    return error(400, 'invalid_request_error', message)
  }
  const [type, message] = errorTypes[refusal.status] ?? ['api_error', `stub error ${refusal.status}`]
  return error(refusal.status, type, message)
}

/** The headers by which a subscription is told its limits; Claude Code reads them with an OAuth token only. */
function limitHeaders(window: '5h' | '7d'): Record<string, string> {
  const now = Math.floor(Date.now() / 1000)
  const claim = window === '5h' ? 'five_hour' : 'seven_day'
  const reset = { '5h': String(now + 7200), '7d': String(now + 259_200) }
  const prefix = 'anthropic-ratelimit-unified'
  const used = (each: '5h' | '7d') => ({
    [`${prefix}-${each}-status`]: each === window ? 'rejected' : 'allowed',
    [`${prefix}-${each}-utilization`]: each === window ? '1.0' : '0.2',
    [`${prefix}-${each}-reset`]: reset[each],
  })
  return {
    [`${prefix}-status`]: 'rejected',
    [`${prefix}-reset`]: reset[window],
    [`${prefix}-representative-claim`]: claim,
    [`${prefix}-overage-status`]: 'rejected',
    [`${prefix}-overage-disabled-reason`]: 'org_level_disabled',
    ...used('5h'),
    ...used('7d'),
    'x-should-retry': 'false',
  }
}

function callFor({ kind, argument }: ToolWish, ask: Ask): ToolCall {
  return calls[kind](argument, ask)
}

const calls: Record<ToolKind, (argument: string, ask: Ask) => ToolCall> = {
  bash: (command) => ({ name: 'Bash', input: { command, description: `Run ${command.slice(0, 40)}` } }),
  background: (command) => ({
    name: 'Bash',
    input: { command, description: 'In background', run_in_background: true },
  }),
  write: (path) => ({ name: 'Write', input: { file_path: path, content: 'hello from stub\nline 2\n' } }),
  edit: (path) => ({ name: 'Edit', input: { file_path: path, old_string: 'hello', new_string: 'goodbye' } }),
  fetch: (url) => ({ name: 'WebFetch', input: { url, prompt: 'summarise' } }),
  ask: (which) => ({
    name: 'AskUserQuestion',
    input: { questions: questions[which] ?? [databaseQuestion] },
  }),
  plan: () => ({ name: 'ExitPlanMode', input: { plan: '# Plan\n\n1. Read the code\n2. Change it\n' } }),
  mcp: (argument) => {
    const { tool, input } = readMcpCall(argument)
    return { name: `mcp__architect__${tool}`, input }
  },
  task: (seconds, ask) => ({
    name: ask.tools.includes('Agent') ? 'Agent' : 'Task',
    input: {
      description: 'Sub task',
      prompt: `[[sleep ${seconds || 5}]] sub agent work`,
      subagent_type: 'general-purpose',
    },
  }),
}

const languageQuestion = {
  question: 'Which language should we use?',
  header: 'Language',
  multiSelect: false,
  options: [
    { label: 'Go', description: 'Compiled' },
    { label: 'Rust', description: 'Checked' },
  ],
}

const databaseQuestion = {
  question: 'Which database should we use?',
  header: 'Database',
  multiSelect: false,
  options: [
    { label: 'SQLite', description: 'One file' },
    { label: 'Postgres', description: 'A server' },
  ],
}

const toolsQuestion = {
  question: 'Which tools should we use?',
  header: 'Tools',
  multiSelect: true,
  options: [
    { label: 'Lint', description: 'Reads the code' },
    { label: 'Tests', description: 'Run the code' },
    { label: 'Bench', description: 'Time the code' },
  ],
}

const questions: Record<string, object[]> = {
  both: [databaseQuestion, languageQuestion],
  boxes: [toolsQuestion],
  mixed: [databaseQuestion, toolsQuestion],
}

function usage(output: number) {
  return {
    input_tokens: stubUsage.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: output,
  }
}

function messageHead(ask: Ask) {
  return { id: freshId('msg'), type: 'message', role: 'assistant', model: ask.model }
}

function speak(write: (text: string) => void, ask: Ask): Voice {
  let index = 0
  let isOpen = false
  const event = (type: string, data: object) => write(serverSentEvent({ type, ...data }, type))
  const begin = (content_block: object) => {
    event('content_block_start', { index, content_block })
    isOpen = true
  }
  const delta = (change: object) => event('content_block_delta', { index, delta: change })
  const end = () => {
    if (isOpen) event('content_block_stop', { index: index++ })
    isOpen = false
  }
  const sayTool = (call: ToolCall) => {
    begin({ type: 'tool_use', id: freshId('toolu'), name: call.name, input: {} })
    delta({ type: 'input_json_delta', partial_json: JSON.stringify(call.input) })
  }
  return {
    open() {
      const message = { ...messageHead(ask), content: [], stop_reason: null, stop_sequence: null }
      event('message_start', { message: { ...message, usage: usage(1) } })
      event('ping', {})
    },
    breathe: () => event('ping', {}),
    thought(thinking) {
      if (!isOpen) begin({ type: 'thinking', thinking: '', signature: '' })
      delta({ type: 'thinking_delta', thinking })
    },
    endThought() {
      delta({ type: 'signature_delta', signature: 'c3R1Yg==' })
      end()
    },
    text(text) {
      if (!isOpen) begin({ type: 'text', text: '' })
      delta({ type: 'text_delta', text })
    },
    close(call) {
      if (call) sayTool(call)
      end()
      const stop = { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null }
      event('message_delta', { delta: stop, usage: { output_tokens: stubUsage.output } })
      event('message_stop', {})
    },
  }
}
