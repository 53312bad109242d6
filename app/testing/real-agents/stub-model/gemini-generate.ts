import { z } from 'zod'
import { serverSentEvent, stubUsage } from './dialect.ts'
import type { Ask, Dialect, Refusal, Refused, ToolCall, Voice } from './dialect.ts'
import { readMcpCall, type ToolKind, type ToolWish } from './directives.ts'

/** Google's generateContent API, as Gemini CLI uses it. */
export const geminiGenerate: Dialect = {
  handles: (path) => /:(streamG|g)enerateContent(\?|$)/.test(path),
  read,
  refuse,
  callFor,
  whole: (text) => candidate([{ text }], 'STOP'),
  speak,
}

const part = z.looseObject({ text: z.string().optional(), functionResponse: z.unknown().optional() })
const schema = z.looseObject({ properties: z.record(z.string(), z.looseObject({})).optional() })
const request = z.object({
  contents: z.array(z.object({ role: z.string().optional(), parts: z.array(part) })),
  tools: z
    .array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional() }))
    .optional(),
  generationConfig: z
    .looseObject({ responseJsonSchema: schema.optional(), responseSchema: schema.optional() })
    .optional(),
})

/** What Gemini CLI itself puts beside a person's words. */
const ownText = /^\s*<session_context|^This is the Gemini CLI/

function read(body: unknown, path: string): Ask {
  const { contents, tools, generationConfig } = request.parse(body)
  const shape = generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema
  let results = 0
  let prompt = ''
  for (const { role, parts } of contents.toReversed()) {
    if (role !== 'user') continue
    if (parts.some(({ functionResponse }) => functionResponse !== undefined)) results += 1
    else {
      prompt = parts.map(({ text }) => text ?? '').find((text) => text !== '' && !ownText.test(text)) ?? ''
      if (prompt !== '') break
    }
  }
  const names = (tools ?? []).flatMap(({ functionDeclarations }) =>
    (functionDeclarations ?? []).map(({ name }) => name),
  )
  return {
    prompt,
    results,
    tools: shape ? [] : names,
    streamed: path.includes(':streamGenerateContent'),
    compacting: false,
    model: /models\/([^:]+)/.exec(path)?.[1] ?? 'stub',
    aside: shape ? JSON.stringify(example(shape.properties ?? {})) : 'Stub',
  }
}

/** Gemini CLI asks for JSON of a given shape (who speaks next, which model to take): any fitting value does. */
function example(properties: Record<string, Record<string, unknown>>) {
  const values = Object.entries(properties).map(([name, { type, enum: words }]) => {
    if (name === 'next_speaker') return [name, 'user']
    if (Array.isArray(words)) return [name, words.at(-1)]
    return [name, { number: 10, integer: 10, boolean: false, array: [] }[String(type)] ?? 'stub']
  })
  return Object.fromEntries(values) as Record<string, unknown>
}

const statusNames: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}

function refuse(refusal: Refusal): Refused {
  const code = refusal.why === 'status' ? refusal.status : 429
  if (refusal.why === 'status') return failure(code, `stub error ${code}`, statusNames[code] ?? 'INTERNAL')
  const message = 'You exceeded your current quota, please check your plan and billing details.'
  const violation = {
    quotaMetric: 'generativelanguage.googleapis.com/generate_requests_per_model_per_day',
    quotaId: 'GenerateRequestsPerDayPerProjectPerModel',
  }
  const detail = { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] }
  return failure(code, message, 'RESOURCE_EXHAUSTED', [detail])
}

function failure(code: number, message: string, status: string, details: object[] = []): Refused {
  return { status: code, headers: {}, body: { error: { code, message, status, details } } }
}

function callFor({ kind, argument }: ToolWish): ToolCall | null {
  return calls[kind]?.(argument) ?? null
}

const runCommand = (command: string): ToolCall => ({
  name: 'run_shell_command',
  input: { command, description: 'Run it' },
})

const calls: Partial<Record<ToolKind, (argument: string) => ToolCall>> = {
  bash: runCommand,
  background: runCommand,
  write: (path) => ({ name: 'write_file', input: { file_path: path, content: 'hello from stub\n' } }),
  edit: (path) => ({
    name: 'replace',
    input: {
      file_path: path,
      old_string: 'hello',
      new_string: 'goodbye',
      instruction: 'replace hello',
      expected_replacements: 1,
    },
  }),
  mcp: (argument) => {
    const { tool, input } = readMcpCall(argument)
    return { name: tool, input }
  },
  fetch: (url) => ({ name: 'web_fetch', input: { prompt: `summarise ${url}` } }),
  ask: () => ({ name: 'ask_user', input: { questions: [databaseQuestion] } }),
}

const databaseQuestion = {
  question: 'Which database?',
  header: 'Database',
  type: 'choice',
  options: [
    { label: 'SQLite', description: 'One file' },
    { label: 'Postgres', description: 'Server' },
  ],
}

function candidate(parts: object[], finishReason?: string) {
  const content = { role: 'model', parts }
  return {
    candidates: [{ content, index: 0, ...(finishReason === undefined ? {} : { finishReason }) }],
    usageMetadata: {
      promptTokenCount: stubUsage.input,
      candidatesTokenCount: stubUsage.output,
      totalTokenCount: stubUsage.input + stubUsage.output,
    },
    modelVersion: 'stub',
  }
}

function speak(write: (text: string) => void): Voice {
  const event = (parts: object[], finish?: string) => write(serverSentEvent(candidate(parts, finish)))
  return {
    open: () => undefined,
    breathe: () => undefined,
    thought: (text) => event([{ text: `**Thinking**\n\n${text}`, thought: true }]),
    endThought: () => undefined,
    text: (text) => event([{ text }]),
    close(call) {
      if (call) {
        const functionCall = { name: call.name, args: call.input }
        event([{ functionCall, thoughtSignature: 'c3R1Yg==' }], 'STOP')
      } else event([{ text: '' }], 'STOP')
    },
  }
}
