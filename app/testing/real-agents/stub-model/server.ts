import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { messageOf } from '../../../core/errors.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { converse, writeJson, type Refusals } from './converse.ts'
import type { Ask } from './dialect.ts'
import { geminiGenerate } from './gemini-generate.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** One request that reached the stub. `ask` is null for what is not a question to a model. */
interface HeardRequest {
  at: number
  path: string
  ask: Ask | null
  /** What went wrong inside the stub; a test looks at it when an agent behaves oddly. */
  fault: string | null
}

export interface StubModel extends AsyncDisposable {
  port: number
  heard: HeardRequest[]
  /** Prompts of real turns (no titles, no summaries), each once, in the order in which they came. */
  prompts(): string[]
}

/** Starts a stand-in for the model servers on 127.0.0.1; port 0 takes any free one. */
export async function startStubModel(port = 0): Promise<StubModel> {
  const heard: HeardRequest[] = []
  const refusals: Refusals = new Map()
  const server = createServer((request, response) => void answer(request, response, heard, refusals))
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stub model has no port')
  return {
    port: address.port,
    heard,
    prompts: () => firstRequests(heard).map((ask) => ask.prompt),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const dialects = [anthropicMessages, openaiResponses, openaiChat, geminiGenerate]

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  heard: HeardRequest[],
  refusals: Refusals,
) {
  const path = request.url ?? '/'
  const entry: HeardRequest = { at: Date.now(), path, ask: null, fault: null }
  heard.push(entry)
  try {
    const body = await readBody(request)
    const dialect = dialects.find((each) => request.method === 'POST' && each.handles(path))
    if (!dialect) return answerOther(path, response)
    entry.ask = dialect.read(JSON.parse(body), path)
    await converse(dialect, entry.ask, response, refusals)
  } catch (error) {
    entry.fault = messageOf(error)
    if (response.headersSent) response.destroy()
    else writeJson(response, 500, { error: { message: entry.fault } })
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Agents also count tokens, list models and ask whether the server is there. */
function answerOther(path: string, response: ServerResponse) {
  if (/count_tokens/.test(path)) return writeJson(response, 200, { input_tokens: 100 })
  if (/:countTokens/.test(path)) return writeJson(response, 200, { totalTokens: 100 })
  if (/\/models(\?|$)/.test(path)) {
    const model = { id: 'stub', type: 'model', display_name: 'Stub', created_at: '2025-01-01T00:00:00Z' }
    return writeJson(response, 200, { object: 'list', data: [model], has_more: false, models: [] })
  }
  const status = path === '/' ? 200 : 404
  writeJson(response, status, { type: 'error', error: { type: 'not_found_error', message: 'no such path' } })
}

/** A turn with tools comes back once per tool result: only its first request counts. */
function firstRequests(heard: HeardRequest[]): Ask[] {
  return heard.flatMap(({ ask }) =>
    ask !== null && ask.tools.length > 0 && !ask.compacting && !ask.woken && ask.results === 0 ? [ask] : [],
  )
}
