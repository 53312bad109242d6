import type { EpochMs } from './clock.ts'

/* What every queue here has in common, whatever waits in it: prompts for sessions, tasks for workers. */

export const minPriority = 0
export const maxPriority = 10

/** One priority point is worth this much waiting, so that nothing starves (`sortKey` below). */
export const priorityStepMs = 10 * 60_000

/** Static order of the queue, smallest first: ageing without ever rewriting a row. */
export function sortKey(enqueuedAt: EpochMs, priority: number): number {
  return enqueuedAt - priority * priorityStepMs
}

/** A claim's lease; who works renews it three times within it. */
export const leaseMs = 30_000
export const renewEveryMs = leaseMs / 3

/** Who works on something, and until when that is believed without a sign of life. */
export interface Lease {
  owner: string
  until: EpochMs
}

/** Work as its owner knows it: statements of an earlier owner, with a lower epoch, change nothing. */
export interface Held {
  id: number
  leaseEpoch: number
}
