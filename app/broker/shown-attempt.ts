import type { Attempt } from '../core/attempt.ts'

/** What an attempt tells people; the rest is between assigners and tmux. */
export type ShownAttempt = Omit<Attempt, 'token' | 'leaseOwner' | 'leaseEpoch' | 'leaseUntil'>

export function showAttempt(attempt: Attempt): ShownAttempt {
  const { token: _token, leaseOwner: _owner, leaseEpoch: _epoch, leaseUntil: _until, ...shown } = attempt
  return shown
}
