import type { HookMessage } from '../../core/hook.ts'
import type { Envelope } from '../envelope.ts'
import { claudeEvents } from './claude.ts'
import { codexEvents } from './codex.ts'
import { commonFields, type EventReader } from './fields.ts'
import { geminiEvents } from './gemini.ts'

/** The events of each agent that are asked for and understood. */
export const hookEvents = { claude: claudeEvents, codex: codexEvents, gemini: geminiEvents } as const
export type HookedAgent = keyof typeof hookEvents
export const hookedAgents = Object.keys(hookEvents) as HookedAgent[]

export type ReadMessage = HookMessage | { unreadable: string }

/** The agent's JSON in the product's words; what is not understood comes with a reason. */
export function readMessage({ origin, body }: Envelope): ReadMessage {
  const events: Record<string, EventReader> = hookEvents[origin.agent as HookedAgent] ?? {}
  const reader = Object.hasOwn(events, origin.event) ? events[origin.event] : undefined
  if (!reader) return { unreadable: `nothing is known of ${origin.agent}'s event ${origin.event}` }
  const json = parse(body)
  if (json === undefined) return { unreadable: 'the message is not JSON' }
  const common = commonFields.safeParse(json)
  const fact = reader.read(json)
  const error = common.error ?? fact.error
  if (!common.success || !fact.success) {
    const { path, message } = error!.issues[0]!
    return { unreadable: `${path.join('.') || 'the message'}: ${message}` }
  }
  const { session_id, transcript_path, cwd, prompt_id, turn_id } = common.data
  return {
    ...origin,
    conversation: session_id ?? null,
    turnId: prompt_id ?? turn_id ?? null,
    cwd: cwd ?? null,
    transcriptPath: transcript_path ?? null,
    ...fact.data,
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
