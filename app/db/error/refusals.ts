import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Db } from '../schema.ts'

/** Reports that were not taken, of one kind. */
export interface Refusals {
  node: string
  source: string
  /** A few words: `rate`, `kinds`, `sentry session`. */
  reason: string
  count: number
  lastAt: EpochMs
}

const hourMs = 3_600_000

export async function addRefusals(db: Db, refusals: readonly Refusals[]): Promise<void> {
  const ordered = refusals.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
  for (const { node, source, reason, count, lastAt } of ordered) {
    const hour = lastAt - (lastAt % hourMs)
    await db
      .insertInto('error_refusals')
      .values({ hour, node, source, reason, count, last_at: lastAt })
      .onConflict((conflict) =>
        conflict.columns(['hour', 'node', 'source', 'reason']).doUpdateSet({
          count: sql<number>`error_refusals.count + excluded.count`,
          last_at: sql<number>`excluded.last_at`,
        }),
      )
      .execute()
  }
}

/** What was not taken since then, most first. */
export async function listRefusals(db: Db, since: EpochMs, limit: number): Promise<Refusals[]> {
  return db
    .selectFrom('error_refusals')
    .select((eb) => [
      'node',
      'source',
      'reason',
      eb.fn.sum<number>('count').as('count'),
      eb.fn.max<number>('last_at').as('lastAt'),
    ])
    .where('hour', '>=', since - (since % hourMs))
    .groupBy(['node', 'source', 'reason'])
    .orderBy('count', 'desc')
    .limit(limit)
    .execute()
}

const keyOf = ({ node, source, reason }: Refusals) => `${node}\0${source}\0${reason}`
