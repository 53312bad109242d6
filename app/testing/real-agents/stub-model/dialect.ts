import type { ToolWish } from './directives.ts'

/** What an agent asks of its model, in no API's words. */
export interface Ask {
  /** The last thing that a person said. */
  prompt: string
  /** Tool results after it, or after what woke the agent: how far the script has got. */
  results: number
  /** The agent began this turn by itself, because a background job of the prompt's turn ended. */
  woken?: boolean
  /** Names of the tools on offer; none: the agent asks for itself (a title, a topic). */
  tools: string[]
  streamed: boolean
  /** The agent asks for a summary of the conversation to make room. */
  compacting: boolean
  model: string
  /** The answer to a question that an agent asks on its own account. */
  aside: string
}

export interface ToolCall {
  name: string
  input: Record<string, unknown>
  /** Free text instead of JSON, for tools that take it (Codex' `apply_patch`). */
  raw?: string
}

export type Refusal =
  | { why: 'status'; status: number }
  | { why: 'limit'; window: '5h' | '7d' }
  | { why: 'credit' }

export interface Refused {
  status: number
  headers: Record<string, string>
  body: object
}

/** Speaks one streamed answer. Each word becomes events of the API. */
export interface Voice {
  open(): void
  /** Keeps the connection alive in silence. */
  breathe(): void
  thought(text: string): void
  endThought(): void
  text(chunk: string): void
  /** Ends the answer, after its text or with a tool call. */
  close(call: ToolCall | null): void
}

/** One model server's API: how a request is read, and how an answer is written. */
export interface Dialect {
  handles(path: string): boolean
  read(body: unknown, path: string): Ask
  refuse(refusal: Refusal): Refused
  /** null when the agent was not offered a tool of that kind. */
  callFor(wish: ToolWish, ask: Ask): ToolCall | null
  /** The answer in one piece, for a request that did not ask for a stream. */
  whole(text: string, ask: Ask): object
  speak(write: (text: string) => void, ask: Ask): Voice
}

/** What every answer is said to have cost. */
export const stubUsage = { input: 100, output: 20 }

export function serverSentEvent(data: unknown, event?: string): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`
}

let lastId = 0

/** An id that is unique in this process and among processes. */
export function freshId(prefix: string): string {
  lastId += 1
  return `${prefix}_${Date.now().toString(36)}${lastId}`
}
