import type { SessionReading } from './agent.ts'
import type { EpochMs } from './clock.ts'
import type { Dialog } from './dialog.ts'
import type { Pane, PaneRef } from './host.ts'
import type { AgentKind, SessionState } from './session.ts'

/** One agent in one pane, as it was last seen. */
export interface LiveSession {
  /** `node/server/%7`. */
  key: string
  pane: Pane
  reading: SessionReading
  /** What it asks; null when it asks nothing. */
  dialog: Dialog | null
  /** When this reading was made. */
  at: EpochMs
  /** When its process was last seen alive. */
  aliveAt: EpochMs
  /** Since when the state is what it is. */
  since: EpochMs
  /** Since when it has looked idle without a break; null while it does not. */
  quietSince: EpochMs | null
}

/** A state that a session was in from then on, as its node tells after the fact. */
export interface PastState {
  key: string
  at: EpochMs
  generation: string | null
  state: SessionState
  /** tmux's session name. */
  name: string
  agent: AgentKind | null
  rule: string
}

export interface FleetListeners {
  /**
   * Hears of every state that sessions of a node elsewhere have had since it told of them last, in order, before
   * what they are now; perhaps twice. Fulfilled when none of it can be lost any more.
   */
  onPast?: (past: readonly PastState[]) => Promise<void>
  onChange: (session: LiveSession) => void
  onGone: (session: LiveSession) => void
  /** The node is heard again, and everything here is as it is now. */
  onReturn?: () => void
}

/**
 * All sessions of one node. Whoever follows one of them waits for its next reading with `next`; whoever stores
 * them listens. `refresh` throws `AwayError` while the node can't be heard.
 */
export interface Fleet {
  readonly sessions: LiveSession[]
  /** Since when the node has not been heard, so that everything here is as it was then; null while it is. */
  readonly awaySince: EpochMs | null
  /** Keys of sessions that somebody follows: they are read again even when nothing seems to change. */
  follow(key: string): void
  unfollow(key: string): void
  get(key: string): LiveSession | undefined
  /** The session that `isIt` fits. */
  find(isIt: (session: LiveSession) => boolean): LiveSession | undefined
  /** One complete look where the node is looked at from here; where it tells by itself, nothing. */
  observe(): Promise<void>
  /** Looks at one session now; undefined when its pane is gone. */
  refresh(pane: PaneRef): Promise<LiveSession | undefined>
  /** Resolves at the session's next reading, or after `timeoutMs`; undefined when it is gone. */
  next(key: string, timeoutMs: number, signal: AbortSignal): Promise<LiveSession | undefined>
}
