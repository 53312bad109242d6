import type { EpochMs } from '../core/clock.ts'
import { toFlag } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db } from './schema.ts'

/** The switches of the whole queue. */
export interface Controls {
  /** No prompt is given out; what runs is followed on. */
  paused: boolean
  /** As paused, and the assigner ends when nothing runs any more. */
  draining: boolean
  /** Who or what switched, in words; null when nobody said. */
  reason: string | null
  changedAt: EpochMs
}

export async function getControls(db: Db): Promise<Controls> {
  return toControls(await db.selectFrom('controls').selectAll().executeTakeFirstOrThrow())
}

export async function setControls(
  db: Db,
  changes: { paused?: boolean; draining?: boolean; reason: string | null },
  now: EpochMs,
): Promise<Controls> {
  const { paused, draining, reason } = changes
  const row = await db
    .updateTable('controls')
    .set({
      reason,
      changed_at: now,
      ...(paused !== undefined && { paused: toFlag(paused) }),
      ...(draining !== undefined && { draining: toFlag(draining) }),
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const controls = toControls(row)
  const data = { paused: controls.paused, draining: controls.draining, reason }
  appendEvent(db, { at: now, noun: 'queue', nounId: '', type: 'controls', data })
  return controls
}

function toControls(row: {
  paused: number
  draining: number
  reason: string | null
  changed_at: EpochMs
}): Controls {
  return {
    paused: row.paused === 1,
    draining: row.draining === 1,
    reason: row.reason,
    changedAt: row.changed_at,
  }
}
