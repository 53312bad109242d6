import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { MilestoneId } from './milestone.ts'
import type { ProjectId } from './project.ts'
import type { PromptId, PromptState } from './prompt.ts'

export type WorkId = number

export const workKinds = ['feature', 'bug', 'devops_task'] as const
export type WorkKind = (typeof workKinds)[number]

export const workStatuses = ['open', 'queued', 'in_progress', 'review', 'done', 'closed'] as const
export type WorkStatus = (typeof workStatuses)[number]

/** The same shape for a status everywhere. */
export const workGlyph: Record<WorkStatus, string> = {
  open: '○',
  queued: '◌',
  in_progress: '◐',
  review: '◎',
  done: '✓',
  closed: '⊘',
}

/**
 * The life of a feature, bug or devops task; one leads to each status from each other that makes sense.
 *
 * - `queue`, `start`, `review`: also what the prompt brings about that a session was given for it.
 * - `return`: nobody works on it any more; after a prompt that failed, with a note.
 * - `close`: it will not be done.
 */
export const workEvents = {
  queue: { from: ['open', 'in_progress', 'review'], to: 'queued' },
  start: { from: ['open', 'queued', 'review'], to: 'in_progress' },
  review: { from: ['open', 'queued', 'in_progress', 'done'], to: 'review' },
  finish: { from: ['open', 'queued', 'in_progress', 'review'], to: 'done' },
  return: { from: ['queued', 'in_progress', 'review'], to: 'open' },
  close: { from: ['open', 'queued', 'in_progress', 'review'], to: 'closed' },
  reopen: { from: ['done', 'closed'], to: 'open' },
} as const satisfies Record<string, Transition<WorkStatus>>
export type WorkEvent = keyof typeof workEvents

/** The event that leads there; null: none does. */
export function workEventTo(from: WorkStatus, to: WorkStatus): WorkEvent | null {
  const events = Object.entries(workEvents) as [WorkEvent, Transition<WorkStatus>][]
  return events.find(([, event]) => event.to === to && event.from.includes(from))?.[0] ?? null
}

/** What an item's status becomes by the state of the prompt that a session was given for it. */
export function workStatusOf(prompt: PromptState, whenDone: 'review' | 'done'): WorkStatus {
  if (prompt === 'completed') return whenDone
  if (prompt === 'failed' || prompt === 'cancelled') return 'open'
  return prompt === 'assigned' || prompt === 'in_progress' ? 'in_progress' : 'queued'
}

export const severities = ['critical', 'high', 'medium', 'low'] as const
export type Severity = (typeof severities)[number]

/** A feature, a bug or a devops task. */
export interface WorkItem {
  id: WorkId
  /** For people: the project's key and a number that rises there, `ARC-12`. Stays. */
  key: string
  kind: WorkKind
  projectId: ProjectId
  milestoneId: MilestoneId | null
  title: string
  /** Markdown. */
  description: string
  status: WorkStatus
  /** 0 to 10, as of prompts; more is sooner. */
  priority: number
  /** Of bugs; null of everything else. */
  severity: Severity | null
  /** `user:NAME` or `session:NAME`; a name, so it stays when they go. */
  assignee: string | null
  metadata: Record<string, unknown>
  /** That a session was given last for it; its status follows this one's state. */
  promptId: PromptId | null
  /** Why it came back, when its prompt did not end well. */
  note: string | null
  /** Rises by one with each change. */
  version: number
  createdAt: EpochMs
  createdBy: string
  updatedAt: EpochMs
  /** Since when it has its status. */
  statusAt: EpochMs
}

export const linkKinds = ['prompt', 'error', 'commit', 'item', 'task'] as const
export type LinkKind = (typeof linkKinds)[number]

/**
 * What something is to an item. `fixes`: an error that is resolved when the item is done. `review`, `done`: a prompt
 * that was given out for it, and what the item becomes when that is completed.
 */
export const linkRelations = ['relates', 'blocks', 'duplicates', 'fixes', 'review', 'done'] as const
export type LinkRelation = (typeof linkRelations)[number]

export interface WorkLink {
  id: number
  itemId: WorkId
  kind: LinkKind
  /** The number of a prompt, an error, an item or a task; the name of a commit. */
  ref: string
  relation: LinkRelation
  createdAt: EpochMs
  createdBy: string
}

export interface WorkComment {
  id: number
  itemId: WorkId
  at: EpochMs
  author: string
  /** Markdown. */
  body: string
}

export const workKeyPattern = /^[A-Za-z][A-Za-z0-9]{1,9}-[1-9]\d{0,8}$/
export const assigneePattern = /^(?:user|session):[^\s\p{C}][^\p{C}]{0,199}$/u

export const workLimits = {
  titleChars: 300,
  descriptionChars: 64 * 1024,
  commentChars: 32 * 1024,
  links: 200,
  comments: 2_000,
  itemsPerProject: 100_000,
} as const
