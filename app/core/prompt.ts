import { z } from 'zod'
import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'

export const promptStates = [
  'staged',
  'pending',
  'assigned',
  'in_progress',
  'restarting',
  'completed',
  'failed',
  'cancelled',
] as const
export type PromptState = (typeof promptStates)[number]

export type PromptId = number

/**
 * The life of a prompt. The SQL guards, the documentation's diagram and the tests come from this table.
 *
 * - `release`: the prompt provably never reached the agent; it waits again.
 * - `doubt`: it may have reached the agent; it stays `in_progress`, flagged, until a person or late evidence decides.
 * - `suspend`: the agent's work restarts this service; the prompt survives that (`requires_follow_up` says how).
 * - `send_back`: its result was not accepted; the reviewer's comment is the next attempt's text.
 * - `hand_over`: its turn ended while prompts that it delegated have not; their results are its next text.
 */
export const promptEvents = {
  approve: { from: ['staged'], to: 'pending' },
  reject: { from: ['staged'], to: 'cancelled' },
  assign: { from: ['pending'], to: 'assigned' },
  release: { from: ['assigned'], to: 'pending' },
  start: { from: ['assigned'], to: 'in_progress' },
  doubt: { from: ['assigned', 'in_progress'], to: 'in_progress' },
  finish: { from: ['assigned', 'in_progress', 'restarting'], to: 'completed' },
  fail: { from: ['assigned', 'in_progress', 'restarting'], to: 'failed' },
  expire: { from: ['staged', 'pending'], to: 'failed' },
  cancel: { from: ['staged', 'pending'], to: 'cancelled' },
  interrupt: { from: ['assigned', 'in_progress'], to: 'cancelled' },
  suspend: { from: ['in_progress'], to: 'restarting' },
  recall: { from: ['in_progress'], to: 'pending' },
  retry: { from: ['failed', 'cancelled', 'restarting'], to: 'pending' },
  send_back: { from: ['completed', 'failed'], to: 'pending' },
  hand_over: { from: ['assigned', 'in_progress'], to: 'pending' },
  reassign: { from: ['pending', 'failed', 'cancelled'], to: 'pending' },
} as const satisfies Record<string, Transition<PromptState>>
export type PromptEvent = keyof typeof promptEvents

/** States in which a prompt is over until a person revives it. */
export const endStates = ['completed', 'failed', 'cancelled'] as const satisfies readonly PromptState[]

/** Why a pending prompt is not offered to sessions yet; `wakeAt` says until when, where that is known. */
export const holds = ['not_before', 'dependency', 'backoff', 'children'] as const
export type Hold = (typeof holds)[number]

/** Largest prompt in bytes of UTF-8. Agents took 1 MB in tests; beyond that it is a file's job. */
export const maxPromptBytes = 1_048_576
export const defaultTimeoutMinutes = 30
export const defaultMaxRetries = 3

/** Who may get a prompt. Every given field must fit; none at all means anyone idle. */
export const targetSchema = z.object({
  /** `NAME`, `NAME:WINDOW.PANE`, `%7`, each also as `NODE/…`. */
  session: z.string().min(1).optional(),
  agent: z.string().min(1).optional(),
  tier: z.enum(['high_level', 'manager', 'worker']).optional(),
  tag: z.string().min(1).optional(),
  /** Absolute folder: only sessions that work inside it. */
  dir: z.string().startsWith('/').optional(),
  node: z.string().min(1).optional(),
  /** `NODE/NAME` of a manager: only the sessions that it leads. */
  manager: z.string().min(1).optional(),
})
export type Target = z.infer<typeof targetSchema>

/** `fresh`: the agent's own clearing command first. `follow_up`: the session that did `followUpOf`. */
export const promptContexts = ['any', 'fresh', 'follow_up'] as const
export type PromptContext = (typeof promptContexts)[number]

/** What kind of work it is: `code`, `test`, `research`, `review`, `docs`, or a word of one's own. */
export const kindPattern = /^[a-z][a-z0-9_-]{0,39}$/

/** Words between sessions, which nobody has to answer for: they report to nobody when they end. */
export const talkKinds: readonly string[] = ['message', 'report', 'question', 'digest']

/** A session by its node and tmux name. */
export interface SessionName {
  node: string
  name: string
}

/**
 * Whether somebody hears of its end: `wanted` while it lives, `due` from its end until the one who delegated it
 * is told, then `told`. null: nobody asked for that.
 */
export const reportStates = ['wanted', 'due', 'told'] as const
export type ReportState = (typeof reportStates)[number]

export const reviews = ['accepted', 'sent_back'] as const
export type Review = (typeof reviews)[number]

/** What a person or program hands in; `content` is normalised before (`normalisePromptText`). */
export interface NewPrompt {
  content: string
  priority?: number
  target?: Target
  timeoutMinutes?: number
  maxRetries?: number
  metadata?: Record<string, unknown>
  /** Waits for approval before it is offered. */
  staged?: boolean
  notBefore?: EpochMs
  expiresAt?: EpochMs
  /** A second prompt with the same key is the first one. */
  idempotencyKey?: string
  /** Waits until all of these are completed. */
  after?: PromptId[]
  context?: PromptContext
  followUpOf?: PromptId
  /** The text is a command of the agent (`/compact`, `!ls`). */
  agentCommand?: boolean
  /** Its work may be repeated: a failed or timed-out turn is retried by itself. */
  repeatable?: boolean
  /** As `kindPattern`. */
  kind?: string
  /** The prompt that this is a part of. */
  parent?: PromptId
  /** The session that sends it; null or nothing: a person or a program. */
  from?: SessionName | null
  /** A person sends it past the rules of the hierarchy; refused where `from` is a session. */
  force?: boolean
}

export interface Prompt {
  id: PromptId
  state: PromptState
  content: string
  priority: number
  target: Target
  timeoutMinutes: number
  maxRetries: number
  /** Attempts that were made again after a failure. */
  retryCount: number
  metadata: Record<string, unknown>
  createdAt: EpochMs
  enqueuedAt: EpochMs
  hold: Hold | null
  wakeAt: EpochMs | null
  expiresAt: EpochMs | null
  idempotencyKey: string | null
  after: PromptId[]
  context: PromptContext
  followUpOf: PromptId | null
  agentCommand: boolean
  repeatable: boolean
  /** Why a waiting prompt has not been given to anyone, as last seen; null before the first scan. */
  waitingFor: string | null
  /** How often it was passed over since it was enqueued. */
  skips: number
  /** A sentence for a person who has to decide something about this prompt; null when nobody has to. */
  attention: string | null
  interruptRequestedAt: EpochMs | null
  /** Where it is or was last: `node/server/%7`. */
  sessionKey: string | null
  /** That session's name for people. */
  sessionName: string | null
  attempts: number
  startedAt: EpochMs | null
  endedAt: EpochMs | null
  /** Why it ended as it did; null while it lives and when it simply completed. */
  reason: string | null
  requiresFollowUp: boolean
  kind: string | null
  /** The prompt that it is a part of; null also when that one is not kept any more. */
  parent: PromptId | null
  /** 0 without a parent, 1 below one, and so on. */
  depth: number
  /** The session that sent it; null: a person or a program. */
  from: SessionName | null
  report: ReportState | null
  review: Review | null
  /** What the reviewer said. */
  reviewComment: string | null
  reviewedAt: EpochMs | null
  /** What its next attempt says instead of `content`: a comment, or the results of its children. */
  nextText: string | null
  /** Its target as it was given, while `target` names the session that goes on with it. */
  firstTarget: Target | null
  /** Raised by every change; edits compare it. */
  version: number
}
