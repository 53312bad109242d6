import type { Attempt } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { toAttempt } from './row.ts'

/** Who works on an attempt, and until when that is believed without a sign of life. */
export interface Lease {
  owner: string
  until: EpochMs
}

/** A sign of life for everything that `owner` works on; returns how many attempts that is. */
export async function renewLeases(db: Db, owner: string, until: EpochMs): Promise<number> {
  return (await renew(db, { owner, until })).length
}

/** Makes live attempts of owners whose lease ended ours, with a higher epoch; the oldest first. */
export async function takeOverAttempts(
  db: Db,
  owner: string,
  now: EpochMs,
  until: EpochMs,
): Promise<Attempt[]> {
  const rows = await db
    .updateTable('attempts')
    .set((eb) => ({ lease_owner: owner, lease_until: until, lease_epoch: eb('lease_epoch', '+', 1) }))
    .where('outcome', 'is', null)
    .where('lease_owner', '<>', owner)
    .where('lease_until', '<=', now)
    .returningAll()
    .execute()
  const attempts = rows.map(toAttempt).sort((a, b) => a.id - b.id)
  for (const { id, promptId, leaseEpoch } of attempts) {
    const data = { promptId, leaseEpoch, owner }
    appendEvent(db, { at: now, noun: 'attempt', nounId: String(id), type: 'take_over', data })
  }
  return attempts
}

const renew = compileOnce((db, p: Lease) =>
  db
    .updateTable('attempts')
    .set({ lease_until: p.until })
    .where('lease_owner', '=', p.owner)
    .where('outcome', 'is', null)
    .returning('id'),
)
