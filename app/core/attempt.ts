import type { EpochMs } from './clock.ts'
import type { Prompt, PromptId } from './prompt.ts'
import type { Evidence } from './session.ts'

export type AttemptId = number

/**
 * How far a delivery got: `claimed → typed → submitted | not_submitted | unknown`.
 * `typed`: the text was pasted, no Enter yet. `entered`: an Enter was pressed, no proof yet.
 */
export const attemptPhases = ['claimed', 'typed', 'entered', 'submitted', 'not_submitted', 'unknown'] as const
export type AttemptPhase = (typeof attemptPhases)[number]

/** How an attempt ended. Every claim ends in one of these on every path. */
export const attemptOutcomes = [
  'completed',
  'failed',
  'timed_out',
  'interrupted',
  'agent_gone',
  'released',
] as const
export type AttemptOutcome = (typeof attemptOutcomes)[number]

export interface Attempt {
  id: AttemptId
  promptId: PromptId
  number: number
  /** Random; stands in the pane's marker, so that a pane never mistakes another database's attempt for ours. */
  token: string
  /** What this attempt says; null: the prompt's own text (`textOf`). */
  text: string | null
  sessionKey: string
  sessionName: string
  agent: string
  /** Pane process and agent process with their start times: the same pane id can be another agent tomorrow. */
  generation: string
  phase: AttemptPhase
  outcome: AttemptOutcome | null
  reason: string | null
  claimedAt: EpochMs
  typedAt: EpochMs | null
  enteredAt: EpochMs | null
  submittedAt: EpochMs | null
  endedAt: EpochMs | null
  /** Time during which the timeout stood still (permission, question, limited), in ms. */
  pausedMs: number
  leaseOwner: string
  /** Fencing token: raised with every owner; a statement of an earlier owner changes nothing. */
  leaseEpoch: number
  leaseUntil: EpochMs
  /** What proved the phase and the end, in order. */
  evidence: Evidence[]
  answer: string | null
  answerSource: 'hook' | 'transcript' | 'screen' | null
  tokensIn: number | null
  tokensOut: number | null
  costUsd: number | null
  /** The agent's own id of the conversation, where it has one. */
  conversation: string | null
  gitBefore: GitState | null
  gitAfter: GitState | null
  changes: GitChanges | null
}

/** What an attempt says to its agent. */
export function textOf(prompt: Pick<Prompt, 'content'>, attempt: Pick<Attempt, 'text'>): string {
  return attempt.text ?? prompt.content
}

export interface GitState {
  head: string | null
  /** `git status --porcelain` of the folder, capped. */
  status: string
}

/** What an attempt changed in its session's checkout. */
export interface GitChanges {
  commits: string[]
  files: string[]
  addedLines: number
  removedLines: number
}
