import { z } from 'zod'
import { freshId, serverSentEvent, stubUsage } from './dialect.ts'
import type { Ask, Dialect, ToolCall, Voice } from './dialect.ts'
import { refuseOpenai } from './openai-refusals.ts'
import { openaiCall, type OfferedTool } from './openai-tools.ts'

/** OpenAI's Responses API, as Codex uses it. */
export const openaiResponses: Dialect = {
  handles: (path) => /\/responses(\?|$)/.test(path),
  read,
  refuse: refuseOpenai,
  callFor: (wish, ask) => openaiCall(wish, ask.tools.map(asOffered)),
  whole: (text, ask) => completed(ask, [message(freshId('msg'), text)]),
  speak,
}

const item = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]).nullish(),
})
const request = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  input: z.union([z.string(), z.array(item)]),
  tools: z
    .array(
      z.looseObject({
        name: z.string().optional(),
        type: z.string(),
        tools: z.array(z.looseObject({ name: z.string() })).optional(),
      }),
    )
    .optional(),
})

/** What Codex itself puts beside a person's words. */
const ownText = /^\s*<(environment_context|user_instructions|turn_aborted|permissions|INSTRUCTIONS)|^# AGENTS/

function read(body: unknown): Ask {
  const { model, stream, input, tools } = request.parse(body)
  let results = 0
  let prompt = typeof input === 'string' ? input : ''
  for (const { type, role, content } of typeof input === 'string' ? [] : input.toReversed()) {
    if (type?.endsWith('_call_output')) results += 1
    if (role !== 'user') continue
    const texts = typeof content === 'string' ? [content] : (content ?? []).map(({ text }) => text ?? '')
    const said = texts.filter((text) => text !== '' && !ownText.test(text))
    if (said.length === 0) continue
    prompt = said.at(-1) ?? ''
    break
  }
  return {
    prompt,
    results,
    tools: (tools ?? []).flatMap(({ name, type, tools: own }) => {
      if (type === 'namespace') return (own ?? []).map((tool) => `${name}/${tool.name}`)
      return [type === 'custom' ? `${name}*` : (name ?? type)]
    }),
    streamed: stream === true,
    compacting: /handoff summary|CONTEXT CHECKPOINT COMPACTION/.test(prompt),
    model,
    aside: 'Stub session title',
  }
}

/** A star behind the name marks a tool that takes free text. */
function asOffered(name: string): OfferedTool {
  return { name: name.replace(/\*$/, ''), takesText: name.endsWith('*') }
}

function message(id: string, text: string) {
  const content = [{ type: 'output_text', text, annotations: [] }]
  return { type: 'message', id, role: 'assistant', status: 'completed', content }
}

function completed(ask: Ask, output: object[]) {
  const usage = {
    input_tokens: stubUsage.input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: stubUsage.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: stubUsage.input + stubUsage.output,
  }
  return { id: freshId('resp'), object: 'response', status: 'completed', model: ask.model, output, usage }
}

function callItem(call: ToolCall) {
  const call_id = freshId('call')
  if (call.raw !== undefined) {
    const id = freshId('ctc')
    return { type: 'custom_tool_call', id, call_id, name: call.name, input: call.raw, status: 'completed' }
  }
  const args = JSON.stringify(call.input)
  const id = freshId('fc')
  // Tools of a server come as a namespace, and are called by both names.
  const [name, namespace] = call.name.split('/').toReversed()
  const named = namespace === undefined ? { name } : { namespace, name }
  return { type: 'function_call', id, call_id, ...named, arguments: args, status: 'completed' }
}

function speak(write: (text: string) => void, ask: Ask): Voice {
  const output: object[] = []
  const messageId = freshId('msg')
  const reasoningId = freshId('rs')
  let sequence_number = 0
  let thoughts = ''
  let said = ''
  const event = (type: string, data: object) =>
    write(serverSentEvent({ type, sequence_number: sequence_number++, ...data }, type))
  const add = (item: object) => event('response.output_item.added', { output_index: output.length, item })
  const done = (item: object) => {
    event('response.output_item.done', { output_index: output.length, item })
    output.push(item)
  }
  const part = { content_index: 0, item_id: messageId }
  const summaryPart = { summary_index: 0, item_id: reasoningId }
  const endText = () => {
    event('response.output_text.done', { ...part, output_index: output.length, text: said })
    done(message(messageId, said))
  }
  return {
    open() {
      const response = { id: freshId('resp'), object: 'response', status: 'in_progress', output: [] }
      event('response.created', { response: { ...response, model: ask.model } })
    },
    breathe: () => write(': ping\n\n'),
    thought(text) {
      if (thoughts === '') {
        add({ type: 'reasoning', id: reasoningId, summary: [] })
        const empty = { type: 'summary_text', text: '' }
        event('response.reasoning_summary_part.added', { ...summaryPart, output_index: 0, part: empty })
      }
      const delta = thoughts === '' ? `**Considering the stub**\n\n${text}` : text
      thoughts += delta
      event('response.reasoning_summary_text.delta', { ...summaryPart, output_index: 0, delta })
    },
    endThought() {
      event('response.reasoning_summary_text.done', { ...summaryPart, output_index: 0, text: thoughts })
      done({ type: 'reasoning', id: reasoningId, summary: [{ type: 'summary_text', text: thoughts }] })
    },
    text(delta) {
      if (said === '') add({ ...message(messageId, ''), status: 'in_progress', content: [] })
      said += delta
      event('response.output_text.delta', { ...part, output_index: output.length, delta })
    },
    close(call) {
      if (said !== '') endText()
      if (call) {
        const item = callItem(call)
        add({ ...item, status: 'in_progress' })
        done(item)
      }
      event('response.completed', { response: completed(ask, output) })
    },
  }
}
