import type { EpochMs } from './clock.ts'
import type { Dialog, DialogKeys } from './dialog.ts'
import type { Look, Pane } from './host.ts'
import type { AgentKind, Composer, Evidence, Reading, SessionState } from './session.ts'
import type { Turn } from './turn.ts'

/** A screen as it was captured, live or from a recording. */
export interface Screen {
  /** Rows with their SGR attributes, top to bottom. */
  rows: string[]
  title: string
  command: string
  width: number
  height: number
  cursor: { x: number; y: number; visible: boolean }
  alternate: boolean
  dead: boolean
}

/** What the screen, the title and the command name alone say. */
export interface ScreenReading {
  agent: AgentKind | null
  version: string | null
  state: SessionState
  acceptsPrompt: boolean
  draft: boolean
  composer: Composer | null
  limitedUntil: EpochMs | null
  rule: string
  /** Some rule of this agent fits the screen. `false` on an agent's screen is a sign of drift. */
  known: boolean
  evidence: Evidence[]
}

/** How prompts get into and out of an agent of one kind; part of its rule file. */
export interface DeliveryProfile {
  /** Least time between paste and Enter, in ms (measured: `AGENTS-IN-TMUX` 1a). */
  settleMs: number
  /**
   * POSIX EREs that tmux searches on its own grid in the moment of a keystroke. Their first matches must be
   * where the look saw them: a composer that went away or a dialog that opened refuses the step.
   */
  guards: string[]
  /** The agent's stand-in for a long paste; not global, so that it keeps nothing between two uses. */
  pastedPattern: RegExp | null
  /** Keys that stop a running turn, one list per press; opencode wants Escape twice. */
  interrupt: string[][]
  /** Keys that empty the composer. */
  clearComposer: string[]
  /** The agent's own command for a new conversation: `/clear`. */
  freshCommand: string | null
  /** Keys that leave a usage-limit dialog without choosing anything that costs money. */
  dismissLimit: string[]
  /** What is said to an agent whose turn a usage limit cut off, once the limit is over. */
  resumeText: string
  /** A prompt that begins with one of these is a command of the agent: `/`, `!`. */
  commandPrefixes: string[]
}

/** How an agent of one kind is started and found. */
export interface LaunchProfile {
  /** argv for a new conversation. */
  start: string[]
  /** argv that takes the folder's last conversation up again; null when the agent can't. */
  resume: string[] | null
}

/** A reading together with who was read: the process behind the pane. */
export interface SessionReading extends Reading {
  /** Pane process and agent process with their start times; null when no agent runs in the pane. */
  generation: string | null
  /** The agent's process id; null when none runs. */
  pid: number | null
  /** The agent's working folder, or the pane's. */
  cwd: string
  /** What can be read here of the agent's own record: nothing, its prompts, or also when a turn ended. */
  record: 'nothing' | 'prompts' | 'turns'
  /** Its hooks told of a turn and not of its end, and nothing newer says that it is idle. */
  turnOpen?: boolean
}

/** Knows agents: what a pane's agent does, and what its own record says. */
export interface AgentReader {
  read(look: Look): SessionReading
  /** Whether the pane is worth a capture: an agent runs in it, as far as its processes tell. Cheap. */
  mayHoldAgent(pane: Pane): boolean
  /** Throws `not_found` for a kind that has no rules. */
  profileOf(agent: AgentKind): DeliveryProfile
  /** The dialog that is open, of a session that was read as asking; null when it asks nothing. */
  readDialog(look: Look, reading: Reading): Dialog | null
  /** null: its dialogs can only be answered in the pane itself. */
  dialogKeysOf(agent: AgentKind): DialogKeys | null
  /** The turn that the first prompt equal to `text` since then began; null when the record shows none. */
  findTurn(reading: SessionReading, text: string, since: EpochMs): Promise<Turn | null>
}
