import { createHash } from 'node:crypto'
import type { AttemptId } from './attempt.ts'
import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { Decision } from './pattern.ts'
import type { PromptId, SessionName } from './prompt.ts'
import type { AgentKind } from './session.ts'

export const interactionStates = [
  'open',
  'answering',
  'answered',
  'unknown',
  'elsewhere',
  'stale',
  'gone',
] as const
export type InteractionState = (typeof interactionStates)[number]

export type InteractionId = number

/**
 * The life of a permission prompt or question.
 *
 * - `decide`: a rule or a person has chosen; the answer is stored before any key is pressed.
 * - `confirm`: evidence shows that the agent got it (the dialog went, the hook took it).
 * - `withdraw`: the answer provably never reached the agent, and the same dialog is still there; it is asked again.
 * - `doubt`: it may have reached the agent; it is never given a second time by itself.
 * - `leave`: the dialog went away without an answer of ours: a person in the pane, or the agent itself.
 * - `supersede`: another dialog, or another generation, stands where this one was.
 * - `end`: the session is gone.
 */
export const interactionEvents = {
  decide: { from: ['open'], to: 'answering' },
  confirm: { from: ['answering', 'unknown'], to: 'answered' },
  withdraw: { from: ['answering', 'unknown'], to: 'open' },
  doubt: { from: ['answering'], to: 'unknown' },
  leave: { from: ['open', 'unknown'], to: 'elsewhere' },
  supersede: { from: ['open', 'answering', 'unknown'], to: 'stale' },
  end: { from: ['open', 'answering', 'unknown'], to: 'gone' },
} as const satisfies Record<string, Transition<InteractionState>>
export type InteractionEvent = keyof typeof interactionEvents

/** States in which somebody or something still has to act. */
export const openInteractionStates = [
  'open',
  'answering',
  'unknown',
] as const satisfies readonly InteractionState[]

/**
 * `permission`: may this tool run. `question`: the agent wants to know something. `plan`: may this plan begin.
 * `dialog`: anything else that waits (trust, theme, a menu).
 */
export const interactionKinds = ['permission', 'question', 'plan', 'dialog'] as const
export type InteractionKind = (typeof interactionKinds)[number]

/** What an agent wants to use, in the same words for every agent; an MCP tool is `mcp:server/tool`. */
export const builtInTools = ['shell', 'edit', 'write', 'read', 'fetch', 'other'] as const
export type Tool = (typeof builtInTools)[number] | `mcp:${string}`

/** What the tool is to be used on, as far as it is known. Paths may be relative to the session's folder. */
export interface InteractionInput {
  /** The whole shell text, byte for byte. */
  command?: string
  paths?: string[]
  url?: string
  /** The question, the plan, or what the dialog says. */
  text?: string
  /** The hook's own JSON of the tool's input. */
  raw?: unknown
}

export const optionMeanings = ['allow_once', 'allow_always', 'deny', 'answer', 'other'] as const
export type OptionMeaning = (typeof optionMeanings)[number]

/** One line that can be chosen in a dialog. */
export interface InteractionOption {
  /** What has to be pressed for it, in tmux's words: `['1']`, `['Down', 'Enter']`. */
  keys: string[]
  label: string
  meaning: OptionMeaning
  /** Of one with a box, of which several are sent together: whether it was ticked when it was seen. */
  ticked?: boolean
}

/** Index of the box for words of one's own, which is the last one; -1 where options have no boxes. */
export function ownWordsBox(options: readonly InteractionOption[]): number {
  return options.findLastIndex(({ ticked }) => ticked !== undefined)
}

/** What is asked, without where and when: enough to decide, also before there is a row for it. */
export interface Ask {
  agent: AgentKind
  kind: InteractionKind
  tool: Tool
  /** The agent's own name of the tool: `Bash`, `exec_command`, `run_shell_command`. */
  toolName: string
  input: InteractionInput
  /** `screen` when no hook told it: what a dialog shows can be wrapped or cut. */
  inputFrom: 'hook' | 'screen'
  /** Nothing of the input is missing, as far as its source can tell. Without it nothing is ever allowed. */
  inputWhole: boolean
}

/** What is given to the agent. `text` for an answer in words, `option` for one of the dialog's lines. */
export interface InteractionAnswer {
  meaning: OptionMeaning
  option: number | null
  text: string | null
  /** Of a question with boxes: those that shall be ticked, and no other, the box of the words in `text` included. */
  boxes?: number[]
}

/**
 * Who decided: a person (or a program in a person's name), a session that leads the one that asks, a pattern in one
 * version, a policy, a shipped rule.
 */
export type DecidedBy =
  | { kind: 'person'; name: string }
  | { kind: 'session'; node: string; name: string }
  | { kind: 'pattern'; id: number; version: number }
  | { kind: 'policy'; tier: string }
  | { kind: 'shipped'; name: string }

/** What decides without anybody: rules and policies. */
export type DecidedByRule = Exclude<DecidedBy, { kind: 'person' | 'session' }>

/**
 * An answer that a session wants to give. It counts for one version of the interaction only, so that whatever
 * happens to that one, an answer of somebody else above all, ends it.
 */
export interface SessionWish extends SessionName {
  answer: InteractionAnswer
  /** Names it, and the answer that becomes of it in the pane's marker. */
  token: string
  version: number
  at: EpochMs
  /** Why it was not given; null while it waits, and when it was given. */
  refused: string | null
}

/** A permission prompt or a question that was seen in a session. */
export interface Interaction extends Ask {
  id: InteractionId
  state: InteractionState
  sessionKey: string
  sessionName: string
  node: string
  /** Pane process and agent process with their start times; an answer is for this generation only. */
  generation: string
  /** The agent's working folder when it asked. */
  cwd: string
  /** The prompt and the attempt in whose turn it was asked; null outside of one. */
  promptId: PromptId | null
  attemptId: AttemptId | null
  /** The agent's own id of this call, where a hook gives one: the same call is never two interactions. */
  callId: string | null
  /** In the order of the screen; empty until the dialog has been seen. */
  options: InteractionOption[]
  /** `digestOf` the dialog's text as it was read; null until the dialog has been seen. */
  screenDigest: string | null
  /** `digestOf` tool and input: what was decided on. */
  inputDigest: string
  askedAt: EpochMs
  /** What rules and policies say, and why; `ask` while it waits for a person; null before anything looked. */
  decision: Decision | null
  decidedBy: DecidedBy | null
  decidedAt: EpochMs | null
  answer: InteractionAnswer | null
  /** The last one; null: no session wanted to answer it. */
  wish: SessionWish | null
  endedAt: EpochMs | null
  /** Why it ended as it did; null while it is open and when it was simply answered. */
  reason: string | null
  /** Raised by every change; answers compare it. */
  version: number
}

/** The largest shell text, plan or question that is kept whole, in characters. */
export const maxInputLength = 65_536

/** SHA-256 in hex. A dialog's text is given as `dialogText`, an input as it is. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/**
 * A dialog's rows in a form that a redraw doesn't change: no attributes, no frame, no marker of the chosen line, no
 * runs of blanks. What differs after this is another dialog.
 */
export function dialogText(rows: string[]): string {
  return rows
    .map((row) =>
      row
        .replaceAll(/\u001B\[[0-9;:]*m/g, '')
        .replaceAll(/[\u2500-\u259F]/g, ' ')
        .replaceAll(/^\s*[❯›●>]\s/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((row) => row !== '')
    .join('\n')
}

/** What identifies that which was decided on: the tool and its input, in one fixed order of keys. */
export function inputDigest({ tool, toolName, input }: Pick<Ask, 'tool' | 'toolName' | 'input'>): string {
  return digestOf(JSON.stringify([tool, toolName, sorted(input)]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}
