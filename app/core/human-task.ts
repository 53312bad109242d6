import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { PromptId } from './prompt.ts'

export type HumanTaskId = number

export const humanTaskStates = ['open', 'answered', 'dismissed', 'expired', 'abandoned'] as const
export type HumanTaskState = (typeof humanTaskStates)[number]

/**
 * The life of a question to a person. Whoever asked hears of every end but the last: `abandon` is for a session
 * that is gone, so that nobody answers into the void.
 */
export const humanTaskEvents = {
  answer: { from: ['open'], to: 'answered' },
  dismiss: { from: ['open'], to: 'dismissed' },
  expire: { from: ['open'], to: 'expired' },
  abandon: { from: ['open'], to: 'abandoned' },
} as const satisfies Record<string, Transition<HumanTaskState>>
export type HumanTaskEvent = keyof typeof humanTaskEvents

/** Something that a session needs a person for. */
export interface HumanTask {
  id: HumanTaskId
  state: HumanTaskState
  node: string
  /** Name of the session that asks. */
  session: string
  sessionKey: string | null
  /** The prompt that it works on. */
  promptId: PromptId | null
  question: string
  /** What a person has to know to answer. */
  context: string | null
  /** Answers to choose from; another one is possible, too. */
  choices: string[]
  /** Nobody has to answer after this. */
  dueAt: EpochMs | null
  /** Since when the session has not been seen. */
  missingSince: EpochMs | null
  createdAt: EpochMs
  endedAt: EpochMs | null
  answer: string | null
  answeredBy: string | null
  /** The prompt by which the session hears of it. */
  answerPromptId: PromptId | null
}

export const humanTaskLimits = {
  questionChars: 4_000,
  contextChars: 20_000,
  answerChars: 100_000,
  choices: 12,
  choiceChars: 200,
  /** Of one session at a time: one that asks more asks in a loop. */
  openPerSession: 20,
} as const

/** A question outlives its session by this; agents are restarted under their name. */
export const askerGraceMs = 10 * 60_000
