import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'
import type { ProjectId } from './project.ts'
import type { WorkStatus } from './work.ts'

export type MilestoneId = number

export const milestoneStatuses = ['open', 'completed', 'archived'] as const
export type MilestoneStatus = (typeof milestoneStatuses)[number]

/** A milestone is completed by a person: that all its work is done is shown, and decides nothing. */
export const milestoneEvents = {
  complete: { from: ['open'], to: 'completed' },
  reopen: { from: ['completed', 'archived'], to: 'open' },
  archive: { from: ['open', 'completed'], to: 'archived' },
} as const satisfies Record<string, Transition<MilestoneStatus>>

/** A group of work in one project, with a day on which it is to be done. */
export interface Milestone {
  id: MilestoneId
  projectId: ProjectId
  name: string
  /** Markdown. */
  description: string
  status: MilestoneStatus
  /** YYYY-MM-DD; null: some time. */
  targetDate: string | null
  version: number
  createdAt: EpochMs
  createdBy: string
  updatedAt: EpochMs
  completedAt: EpochMs | null
}

/** How much of some work is done. What was closed undone counts in neither. */
export interface Progress {
  total: number
  done: number
  /** Done of all that counts, 0 to 100; 0 while there is none. */
  percent: number
  counts: Partial<Record<WorkStatus, number>>
}

export function progressOf(counts: Partial<Record<WorkStatus, number>>): Progress {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const total = all - (counts.closed ?? 0)
  const done = counts.done ?? 0
  // Rounded down: 100 is said of nothing that has something left.
  return { total, done, percent: total === 0 ? 0 : Math.floor((100 * done) / total), counts }
}

/** Of each of several things, from rows that count their work by status. */
export function progressById(
  ids: readonly number[],
  rows: readonly { of: number | null; status: WorkStatus; count: number }[],
): Map<number, Progress> {
  return new Map(
    ids.map((id) => {
      const own = rows.filter(({ of }) => of === id).map(({ status, count }) => [status, count] as const)
      return [id, progressOf(Object.fromEntries(own))]
    }),
  )
}

export const milestoneLimits = { perProject: 1_000 } as const
