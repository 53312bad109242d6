import type { EpochMs } from './clock.ts'
import type { AgentKind } from './session.ts'

/** One process, by the pid and the start time (clock ticks since boot) that no later one shares. */
export interface ProcessIdentity {
  pid: number
  startedAt: number
}

/** Who sent a hook message, and from where. */
export interface HookOrigin {
  /** The message's name in the spool; also the id of a request that it makes. Handled twice, it is the same. */
  id: string
  agent: AgentKind
  /** When the hook left it. */
  at: EpochMs
  /** The agent's own event: `UserPromptSubmit`. */
  event: string
  /** Path of the tmux socket and tmux' pane id, from the agent's environment; null outside of tmux. */
  socketPath: string | null
  paneId: string | null
  /** The hook's parents, the nearest first: shells that ran it, the agent, and who started that. */
  parents: (ProcessIdentity & { name: string })[]
  /** `ARCHITECT_SESSION`, where Architect started the session. */
  architectSession: string | null
  /** The agent's own id of the conversation. */
  conversation: string | null
  /** The agent's own id of the turn; a prompt queued while another turn runs carries the id of that one. */
  turnId: string | null
  cwd: string | null
  transcriptPath: string | null
}

/** What the agent told, in the product's words. */
export type HookFact =
  | { type: 'prompt_received'; text: string }
  | { type: 'turn_ended'; answer: string | null }
  | { type: 'turn_failed'; error: string; says: string | null }
  | {
      type: 'permission_asked'
      tool: string
      input: Record<string, unknown>
      /** Rules that the agent itself offers to remember. */
      suggestions: unknown[]
      /** The agent takes a decision for this request by its hook; false: only the dialog can be answered. */
      decidable: boolean
    }
  | { type: 'question_asked'; input: Record<string, unknown> }
  | { type: 'session_started'; source: string | null }
  | { type: 'session_ended'; reason: string | null }
  | { type: 'notification'; kind: string | null; says: string }
  | { type: 'compacting'; trigger: string | null }

export type HookMessage = HookOrigin & HookFact
export type HookMessageOf<Type extends HookFact['type']> = HookOrigin & Extract<HookFact, { type: Type }>

/** Whether an agent may do what it asks for; the message is told to the agent with a denial. */
export type PermissionDecision = { behavior: 'allow' } | { behavior: 'deny'; message: string }

/** The session that asks, as it was read when its message came. */
export interface AskingSession {
  /** `node/server/%7`. */
  key: string
  name: string
  generation: string
  cwd: string
  /** `false`: nothing is decided for this agent automatically. */
  trusted: boolean
}

/**
 * Asked once for each permission request that comes by hook, and again after a crash in the middle. null: no
 * rule decides, and the agent draws its dialog. The agent waits for half a second only.
 */
export type PermissionDecider = (
  request: HookMessageOf<'permission_asked'>,
  session: AskingSession,
) => Promise<PermissionDecision | null>

/** Hears what became of a decision, as soon as that is known. */
export type PermissionFate = (
  request: HookMessageOf<'permission_asked'>,
  session: AskingSession,
  fate: DecisionFate,
) => Promise<void>

/** `given`: the waiting hook has it. `too_late`: the hook has left and the dialog is open. */
export type DecisionFate = 'given' | 'too_late'

/** Messages that agents' hooks have left, oldest first. */
export interface HookInbox extends AsyncDisposable {
  /**
   * Hands over each message until disposed of; one is forgotten only after `handle` was fulfilled, so a message
   * may come again after a crash.
   */
  listen(handle: (message: HookMessage) => Promise<void>): Promise<void>
  /** Keeps the message with what is known of the agent's process, for everyone who reads sessions. */
  keep(agent: ProcessIdentity, message: HookMessage): Promise<void>
  /** Answers a request. Never answered twice: what the hook got first counts. */
  decide(
    request: HookMessageOf<'permission_asked'>,
    decision: PermissionDecision | null,
  ): Promise<DecisionFate>
}
