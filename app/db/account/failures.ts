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
 * Counts a login under each key before it is tried, so that many at the same moment count as many; `forgiveLogin`
 * takes it back when it succeeds. Returns when the next one may be tried: past `now`, this one may not, and is not
 * counted. Whoever counts under several keys names them in the same order, so that nobody waits in a circle.
 */
export async function countLogin(
  db: Db,
  limits: readonly { key: string; patience: Patience }[],
  now: EpochMs,
): Promise<EpochMs> {
  await db
    .deleteFrom('login_failures')
    .where('last_at', '<=', now - forgetAfterMs)
    .execute()
  const counts: number[] = []
  let allowedAt = now
  for (const { key } of limits) {
    const row = await takeRow(db, key, now)
    counts.push(row.count + 1)
    allowedAt = Math.max(allowedAt, row.blocked_until)
  }
  if (allowedAt > now) return allowedAt
  for (const [index, { key, patience }] of limits.entries()) {
    const count = counts[index]!
    await db
      .updateTable('login_failures')
      .set({ count, last_at: now, blocked_until: now + waitAfter(count, patience) })
      .where('key', '=', key)
      .execute()
  }
  return now
}

/** Until when one of these keys has to wait; 0 when none does. A look, so that who has to wait costs no write. */
export async function blockedUntil(db: Db, keys: readonly string[]): Promise<EpochMs> {
  const row = await db
    .selectFrom('login_failures')
    .select((eb) => eb.fn.max('blocked_until').as('until'))
    .where('key', 'in', keys)
    .executeTakeFirst()
  return row?.until ?? 0
}

/** The login was right: `whole` keys start anew, from `once` keys only this login is taken back. */
export async function forgiveLogin(db: Db, keys: { whole: string; once: string[] }): Promise<void> {
  await db.deleteFrom('login_failures').where('key', '=', keys.whole).execute()
  await db
    .updateTable('login_failures')
    .set((eb) => ({ count: eb('count', '-', 1), blocked_until: 0 }))
    .where('key', 'in', keys.once)
    .where('count', '>', 0)
    .execute()
}

/** From here on the row is this transaction's, on PostgreSQL too. */
function takeRow(db: Db, key: string, now: EpochMs): Promise<{ count: number; blocked_until: EpochMs }> {
  return db
    .insertInto('login_failures')
    .values({ key, count: 0, last_at: now, blocked_until: 0 })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ key }))
    .returning(['count', 'blocked_until'])
    .executeTakeFirstOrThrow()
}

function waitAfter(count: number, { free, firstMs, longestMs }: Patience): number {
  return count < free ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(count - free, 30))
}
