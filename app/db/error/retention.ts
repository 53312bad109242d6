import type { EpochMs } from '../../core/clock.ts'
import { errorLimits } from '../../core/reported-error.ts'
import type { Db } from '../schema.ts'

/** Counts by hour, and what was refused; the line of a group shows a day of it, its page all. */
const countsForMs = 30 * 86_400_000

/** Removes old counts, at most `batch` of each; returns how many of the kind with more. */
export async function trimErrorCounts(db: Db, now: EpochMs, batch: number): Promise<number> {
  const before = now - countsForMs
  const hours = await db
    .selectFrom('error_hours')
    .select(['group_id', 'hour'])
    .where('hour', '<', before)
    .orderBy('hour')
    .limit(batch)
    .execute()
  for (const { group_id, hour } of hours) {
    await db.deleteFrom('error_hours').where('group_id', '=', group_id).where('hour', '=', hour).execute()
  }
  const [refusals] = await db.deleteFrom('error_refusals').where('hour', '<', before).execute()
  return Math.max(hours.length, Math.min(batch - 1, Number(refusals?.numDeletedRows ?? 0)))
}

/** Removes groups that were not seen since then, and the longest unseen beyond the limit. Returns how many. */
export async function trimErrorGroups(db: Db, before: EpochMs, batch: number): Promise<number> {
  const { count } = await db
    .selectFrom('error_groups')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const beyond = Math.max(0, count - errorLimits.groups)
  const oldest = await db
    .selectFrom('error_groups')
    .select(['id', 'last_seen_at'])
    .orderBy('last_seen_at')
    .limit(batch)
    .execute()
  const ids = oldest
    .filter(({ last_seen_at: at }, index) => index < beyond || at < before)
    .map(({ id }) => id)
  if (ids.length === 0) return 0
  for (const table of ['errors', 'error_nodes', 'error_hours', 'error_samples'] as const) {
    await db.deleteFrom(table).where('group_id', 'in', ids).execute()
  }
  await db.deleteFrom('error_groups').where('id', 'in', ids).execute()
  return ids.length
}
