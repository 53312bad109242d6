import type { BrowserSession } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'

/** A login ends after this however busy it is. */
export const longestLoginMs = 12 * 60 * 60_000

interface Timeouts {
  sessionTimeoutMs: number
}

/** When a login ends if nothing happens, and when it ends in any case. */
export function endsOf({ activeAt, createdAt }: BrowserSession, { sessionTimeoutMs }: Timeouts) {
  const absolute = createdAt + longestLoginMs
  return { idle: Math.min(activeAt + sessionTimeoutMs, absolute), absolute }
}

export function isOver(session: BrowserSession, timeouts: Timeouts, now: EpochMs): boolean {
  return endsOf(session, timeouts).idle <= now
}

/** Activity is stored at most this often: a login may end that much early, and no request waits for a disk. */
export function activityStepMs({ sessionTimeoutMs }: Timeouts): number {
  return Math.min(10_000, sessionTimeoutMs / 20)
}
