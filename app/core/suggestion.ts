import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { ProjectId } from './project.ts'

export type SuggestionId = number

/** What made somebody think of it: an open error, a failing test, an old TODO in a comment, a bug nobody works on. */
export const suggestionSources = ['error', 'test', 'todo', 'bug'] as const
export type SuggestionSource = (typeof suggestionSources)[number]

export const suggestionStates = ['pending', 'confirmed', 'skipped', 'completed', 'withdrawn'] as const
export type SuggestionState = (typeof suggestionStates)[number]

export const suggestionGlyph: Record<SuggestionState, string> = {
  pending: '○',
  confirmed: '◐',
  skipped: '⊘',
  completed: '✓',
  withdrawn: '–',
}

/** People confirm, skip and complete; it is withdrawn when its reason is gone, and returns with it. */
export const suggestionEvents = {
  confirm: { from: ['pending'], to: 'confirmed' },
  skip: { from: ['pending'], to: 'skipped' },
  complete: { from: ['pending', 'confirmed'], to: 'completed' },
  withdraw: { from: ['pending'], to: 'withdrawn' },
  return: { from: ['withdrawn', 'completed'], to: 'pending' },
} as const satisfies Record<string, Transition<SuggestionState>>
export type SuggestionEvent = keyof typeof suggestionEvents

export const suggestionTargets = ['feature', 'bug', 'prompt', 'task'] as const
export type SuggestionTarget = (typeof suggestionTargets)[number]

/** Something that could be done, with the reason. */
export interface Suggested {
  /** The same for the same reason: what was skipped does not come back under another number. */
  key: string
  source: SuggestionSource
  title: string
  /** Markdown. */
  description: string
  /** 0 to 10, as of prompts. */
  priority: number
  projectId: ProjectId | null
  /** The error's, run's or item's number, or the file and line. */
  ref: string
  /** When its reason showed last; null: that is not known. One that was completed returns when it shows again. */
  sightedAt: EpochMs | null
}

export interface Suggestion extends Suggested {
  id: SuggestionId
  state: SuggestionState
  /** What it is best made into. */
  suggestedAs: SuggestionTarget
  became: SuggestionTarget | null
  /** The number of the feature, bug, prompt or task; null: it became none, or is about to. */
  becameId: number | null
  createdAt: EpochMs
  changedAt: EpochMs
  changedBy: string | null
}

export const usuallyBecomes: Record<SuggestionSource, SuggestionTarget> = {
  error: 'bug',
  test: 'bug',
  todo: 'feature',
  bug: 'prompt',
}
