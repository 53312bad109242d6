import type { Kysely } from 'kysely'
import { counter, required } from './columns.ts'

/** What agents tell of their own tokens and costs, by session, day and model. */
export async function telemetry(db: Kysely<unknown>) {
  await db.schema
    .createTable('session_usage')
    .addColumn('node', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('day', 'bigint', required)
    .addColumn('model', 'text', required)
    .addColumn('tokens_in', 'bigint', counter)
    .addColumn('tokens_out', 'bigint', counter)
    .addColumn('cache_read', 'bigint', counter)
    .addColumn('cache_write', 'bigint', counter)
    .addColumn('cost_usd', 'double precision', counter)
    .addColumn('requests', 'bigint', counter)
    .addColumn('errors', 'bigint', counter)
    .addPrimaryKeyConstraint('session_usage_key', ['day', 'node', 'name', 'model'])
    .execute()
}
