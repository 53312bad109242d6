import type { z } from 'zod'
import type { Clock } from '../core/clock.ts'
import type { NamedSession } from '../broker/session-settings.ts'
import type { Database } from '../db/open.ts'

/** One call of a tool: which session's agent calls, and with what. */
export interface ToolCall<Input> {
  /** The session that calls, proved by its token or by the pane that it runs in. */
  session: NamedSession
  input: Input
  /** Writes as that session. */
  database: Database
  clock: Clock
  /** Aborts when the agent hung up. */
  signal: AbortSignal
}

/**
 * One tool, declared once. Agents read `description` each time they start, and pay for its tokens: it says when
 * to use the tool, in as few words as that takes.
 */
export interface Tool {
  name: string
  description: string
  input: z.ZodObject
  /** It changes nothing. */
  readOnly: boolean
  /** What the agent reads: short text, or a value that becomes compact JSON. */
  handle: (call: ToolCall<unknown>) => Promise<unknown>
}

export function defineTool<Input extends z.ZodObject>(declaration: {
  name: string
  description: string
  input: Input
  readOnly?: boolean
  handle: (call: ToolCall<z.output<Input>>) => Promise<unknown>
}): Tool {
  const { readOnly = false, handle, ...rest } = declaration
  return { ...rest, readOnly, handle: handle as Tool['handle'] }
}
