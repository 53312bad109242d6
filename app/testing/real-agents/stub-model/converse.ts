import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerText } from './answer.ts'
import type { Ask, Dialect, Refusal, Voice } from './dialect.ts'
import { plainScript, readDirectives, type Script } from './directives.ts'

/** Remembers per prompt how often it was refused, so that `[[error 529 x2]]` lets the third try through. */
export type Refusals = Map<string, number>

/** Answers one request as its script says, in the words of `dialect`. */
export async function converse(dialect: Dialect, ask: Ask, response: ServerResponse, refusals: Refusals) {
  const script = ask.tools.length > 0 && !ask.compacting ? readDirectives(ask.prompt) : plainScript
  const refusal = refusalOf(script, ask, refusals)
  if (refusal) return refuse(dialect, refusal, response)
  const wish = (ask.woken ? script.later : script.tools)[ask.results]
  const call = wish ? dialect.callFor(wish, ask) : null
  const text = ask.compacting ? summary : ask.tools.length > 0 ? answerText(script, ask.prompt) : ask.aside
  if (!ask.streamed) return writeJson(response, 200, dialect.whole(text, ask))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const voice = dialect.speak((piece) => void (response.destroyed || response.write(piece)), ask)
  const heard = () => !response.destroyed
  voice.open()
  await silence(ask.compacting ? compactingS : silenceOf(script, ask, call !== null), voice, heard)
  if (ask.results === 0) await think(script.think, voice, heard)
  if (!call) await sayText(text, script.stream, voice, heard)
  if (script.drop) return void response.destroy()
  voice.close(call)
  response.end()
}

export function writeJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const compactingS = 4
const summary = '<analysis>stub analysis</analysis>\n<summary>1. Stub summary of the conversation.</summary>'

function refusalOf(script: Script, ask: Ask, refusals: Refusals): Refusal | null {
  if (script.limit) return { why: 'limit', window: script.limit }
  if (script.credit) return { why: 'credit' }
  if (!script.error) return null
  const refused = refusals.get(ask.prompt) ?? 0
  refusals.set(ask.prompt, refused + 1)
  if (script.error.times !== null && refused >= script.error.times) return null
  return { why: 'status', status: script.error.status }
}

function refuse(dialect: Dialect, refusal: Refusal, response: ServerResponse) {
  const { status, headers, body } = dialect.refuse(refusal)
  writeJson(response, status, body, headers)
}

function silenceOf(script: Script, ask: Ask, callsTool: boolean): number {
  if (ask.results === 0) return script.sleep
  return callsTool ? 0 : script.after
}

async function silence(seconds: number, voice: Voice, heard: () => boolean) {
  for (let step = 0; step < seconds * 2 && heard(); step += 1) {
    await sleep(500)
    if (step % 4 === 3) voice.breathe()
  }
}

async function think(seconds: number, voice: Voice, heard: () => boolean) {
  if (seconds === 0) return
  for (let step = 0; step < seconds * 2 && heard(); step += 1) {
    voice.thought(`thought ${step} `)
    await sleep(500)
  }
  voice.endThought()
}

async function sayText(text: string, seconds: number, voice: Voice, heard: () => boolean) {
  const letters = Array.from(text)
  const steps = Math.max(1, seconds * 4)
  const size = Math.max(24, Math.ceil(letters.length / steps))
  for (let at = 0; at < letters.length && heard(); at += size) {
    voice.text(letters.slice(at, at + size).join(''))
    if (seconds > 0) await sleep((seconds * 1000) / Math.ceil(letters.length / size))
  }
}
