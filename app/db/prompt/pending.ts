import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { dialectOf } from '../dialect.ts'
import type { Db } from '../schema.ts'

/**
 * Waiting prompts, for whoever reads them in the order of the queue. SQLite would find them by their state and sort
 * all of them; told that nearly every prompt waits, it walks along the index of the queue and stops at the limit.
 */
export function isPendingInOrder(db: Db, column = 'state'): RawBuilder<SqlBool> {
  const isPending = sql<SqlBool>`${sql.ref(column)} = 'pending'`
  return dialectOf(db) === 'sqlite' ? sql`likely(${isPending})` : isPending
}
