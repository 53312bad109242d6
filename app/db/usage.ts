import { sql } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import type { SessionUsage, TimedUsage } from '../core/usage.ts'
import type { Db, SessionUsageRow } from './schema.ts'

const dayMs = 86_400_000
/** Sessions times days that one answer holds at most. */
const maxRows = 5_000

/** Adds what a session's agent has counted since it told the last time. */
export async function addUsage(
  db: Db,
  { node, name }: { node: string; name: string },
  told: readonly TimedUsage[],
): Promise<void> {
  for (const usage of told) {
    const row = {
      node,
      name,
      day: usage.at - (usage.at % dayMs),
      model: usage.model ?? '',
      tokens_in: usage.tokensIn ?? 0,
      tokens_out: usage.tokensOut ?? 0,
      cache_read: usage.cacheRead ?? 0,
      cache_write: usage.cacheWrite ?? 0,
      cost_usd: usage.costUsd ?? 0,
      requests: usage.requests ?? 0,
      errors: usage.errors ?? 0,
    } satisfies SessionUsageRow
    await db
      .insertInto('session_usage')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['day', 'node', 'name', 'model'])
          .doUpdateSet(Object.fromEntries(counted.map((column) => [column, plus(column)]))),
      )
      .execute()
  }
}

/** Per session, day and model; the newest day first. */
export async function usagePerSession(db: Db, since: EpochMs): Promise<SessionUsage[]> {
  const rows = await db
    .selectFrom('session_usage')
    .selectAll()
    .where('day', '>=', since - (since % dayMs))
    .orderBy('day', 'desc')
    .orderBy('node')
    .orderBy('name')
    .orderBy('model')
    .limit(maxRows)
    .execute()
  return rows.map(({ tokens_in, tokens_out, cache_read, cache_write, cost_usd, ...rest }) => ({
    ...rest,
    tokensIn: tokens_in,
    tokensOut: tokens_out,
    cacheRead: cache_read,
    cacheWrite: cache_write,
    costUsd: cost_usd,
  }))
}

const counted = [
  'tokens_in',
  'tokens_out',
  'cache_read',
  'cache_write',
  'cost_usd',
  'requests',
  'errors',
] as const

function plus(column: (typeof counted)[number]) {
  return sql<number>`${sql.ref(`session_usage.${column}`)} + ${sql.ref(`excluded.${column}`)}`
}
