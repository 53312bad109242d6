import type { Attempt } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { attemptLeases } from './change.ts'
import { toAttempt } from './row.ts'

/** A sign of life for everything that `owner` works on; returns how many attempts that is. */
export function renewLeases(db: Db, owner: string, until: EpochMs): Promise<number> {
  return attemptLeases.renew(db, { owner, until })
}

/** Makes live attempts of owners whose lease ended ours, with a higher epoch; the oldest first. */
export async function takeOverAttempts(
  db: Db,
  owner: string,
  now: EpochMs,
  until: EpochMs,
): Promise<Attempt[]> {
  const attempts = (await attemptLeases.takeOver(db, { owner, until }, now)).map(toAttempt)
  for (const { id, promptId, leaseEpoch } of attempts) {
    const data = { promptId, leaseEpoch, owner }
    appendEvent(db, { at: now, noun: 'attempt', nounId: String(id), type: 'take_over', data })
  }
  return attempts
}
