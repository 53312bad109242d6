import { z } from 'zod'
import { freshId, stubUsage } from './dialect.ts'
import type { Ask, Dialect, Voice } from './dialect.ts'
import { refuseOpenai } from './openai-refusals.ts'
import { openaiCall } from './openai-tools.ts'

/** OpenAI's Chat Completions API, as opencode uses it for a provider of one's own. */
export const openaiChat: Dialect = {
  handles: (path) => /\/chat\/completions(\?|$)/.test(path),
  read,
  refuse: refuseOpenai,
  callFor: (wish, ask) =>
    openaiCall(
      wish,
      ask.tools.map((name) => ({ name, takesText: false })),
    ),
  whole: (content, ask) => ({
    ...head(ask, 'chat.completion'),
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage,
  }),
  speak,
}

const request = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  tools: z.array(z.object({ function: z.looseObject({ name: z.string() }) })).optional(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z
        .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
        .nullish(),
    }),
  ),
})

const usage = {
  prompt_tokens: stubUsage.input,
  completion_tokens: stubUsage.output,
  total_tokens: stubUsage.input + stubUsage.output,
}

function read(body: unknown): Ask {
  const { model, stream, tools, messages } = request.parse(body)
  const fromUser = messages.findLastIndex(({ role }) => role === 'user')
  const content = messages[fromUser]?.content ?? ''
  const first = typeof content === 'string' ? content : content.find(({ type }) => type === 'text')?.text
  return {
    prompt: first ?? '',
    results: messages.slice(fromUser + 1).filter(({ role }) => role === 'tool').length,
    tools: (tools ?? []).map((tool) => tool.function.name),
    streamed: stream === true,
    compacting: false,
    model,
    aside: 'Stub session title',
  }
}

function head(ask: Ask, object: string) {
  return { id: freshId('chatcmpl'), object, created: Math.floor(Date.now() / 1000), model: ask.model }
}

function speak(write: (text: string) => void, ask: Ask): Voice {
  const base = head(ask, 'chat.completion.chunk')
  const chunk = (delta: object, finish_reason: string | null = null) => {
    const choices = [{ index: 0, delta, finish_reason }]
    const event = { ...base, choices, ...(finish_reason === null ? {} : { usage }) }
    write(`data: ${JSON.stringify(event)}\n\n`)
  }
  return {
    open: () => chunk({ role: 'assistant', content: '' }),
    breathe: () => write(': ping\n\n'),
    thought: (reasoning_content) => chunk({ reasoning_content }),
    endThought: () => undefined,
    text: (content) => chunk({ content }),
    close(call) {
      if (call) {
        const named = { name: call.name, arguments: JSON.stringify(call.input) }
        chunk({ tool_calls: [{ index: 0, id: freshId('call'), type: 'function', function: named }] })
      }
      chunk({}, call ? 'tool_calls' : 'stop')
      write('data: [DONE]\n\n')
    },
  }
}
