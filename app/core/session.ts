import type { EpochMs } from './clock.ts'

export const sessionStates = [
  'idle',
  'busy',
  'permission',
  'question',
  'menu',
  'onboarding',
  'limited',
  'error',
  'not_agent',
  'gone',
] as const
export type SessionState = (typeof sessionStates)[number]

/** The same shape for a state in the CLI, the terminal, the dashboard and notifications. */
export const stateGlyph: Record<SessionState, string> = {
  idle: '○',
  busy: '◐',
  permission: '▲',
  question: '?',
  menu: '≡',
  onboarding: '⚿',
  limited: '⏸',
  error: '✕',
  not_agent: '·',
  gone: '–',
}

/** The kind of an agent: `claude`, `codex`, `gemini`, `opencode`, `chat`, or one that a user added. */
export type AgentKind = string

/** Where a piece of evidence comes from, the strongest first (`app/agents/fuse.ts` has the reasons). */
export type EvidenceSource = 'process' | 'hook' | 'status_file' | 'server' | 'transcript' | 'title' | 'screen'

export interface Evidence {
  source: EvidenceSource
  at: EpochMs
  /** A sentence for `explain`: "title shows the busy spinner ◐". */
  says: string
  /** The state that this piece alone speaks for; none when it only adds a fact. */
  state?: SessionState
  /** The rule that produced it: `claude/permission-dialog`. */
  rule?: string
}

/** What stands in an agent's input box. */
export interface Composer {
  /** The text as it is drawn, without the prompt sign and without dim hint text; rows joined by newlines. */
  text: string
  /** The agent's own stand-in for a paste ("[Pasted text #1 +3 lines]") is part of `text`. */
  pasted: boolean
  /** First and last row of the box's text, 0-based from the top of the screen. */
  firstRow: number
  lastRow: number
}

/** The verdict on one session at one moment. */
export interface Reading {
  agent: AgentKind | null
  version: string | null
  state: SessionState
  /** It is safe to type a prompt now. This decides about delivery, not the state's name. */
  acceptsPrompt: boolean
  /** Someone's half-typed text is in the composer. */
  draft: boolean
  /** `false` after drift: nothing is typed or approved automatically for this agent kind. */
  trusted: boolean
  /** When a usage limit ends, where the agent says so. */
  limitedUntil: EpochMs | null
  composer: Composer | null
  /** The rule that decided: `claude/idle`. */
  rule: string
  /** Every piece that was looked at, the deciding ones first. */
  evidence: Evidence[]
}
