import type { EpochMs } from '../../core/clock.ts'
import type { Db } from '../schema.ts'

/** How logins that fail slow down the next ones of the same account or address. */
export interface Patience {
  /** With this many failures the waiting begins. */
  free: number
  /** The first wait in ms, doubled with each further failure up to the longest. */
  firstMs: number
  longestMs: number
}

/** Failures are forgotten when there was none for this long. */
const forgetAfterMs = 60 * 60_000

/**
 * Counts a login before it is tried, so that many at the same moment count as many; `forgiveLogin` takes it back
 * when it succeeds. Returns when the next one may be tried: past `now`, this one may not.
 */
export async function countLogin(db: Db, key: string, patience: Patience, now: EpochMs): Promise<EpochMs> {
  await db
    .deleteFrom('login_failures')
    .where('last_at', '<=', now - forgetAfterMs)
    .execute()
  await db
    .insertInto('login_failures')
    .values({ key, count: 0, last_at: now, blocked_until: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ key }))
    .execute() // from here on the row is ours, on PostgreSQL too
  const row = await db
    .selectFrom('login_failures')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (row.blocked_until > now) return row.blocked_until
  const count = row.count + 1
  await db
    .updateTable('login_failures')
    .set({ count, last_at: now, blocked_until: now + waitAfter(count, patience) })
    .where('key', '=', key)
    .execute()
  return now
}

/** The login was right. Its account starts anew; of its address it takes back this one only. */
export async function forgiveLogin(db: Db, keys: { account: string; address: string }): Promise<void> {
  await db.deleteFrom('login_failures').where('key', '=', keys.account).execute()
  await db
    .updateTable('login_failures')
    .set((eb) => ({ count: eb('count', '-', 1), blocked_until: 0 }))
    .where('key', '=', keys.address)
    .where('count', '>', 0)
    .execute()
}

function waitAfter(count: number, { free, firstMs, longestMs }: Patience): number {
  return count < free ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(count - free, 30))
}
