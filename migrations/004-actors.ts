import type { Kysely } from 'kysely'

/** Who did it: with these columns the event log is the activity log. Empty in rows of before. */
export async function actors(db: Kysely<unknown>) {
  for (const column of ['actor_kind', 'actor_name', 'address']) {
    await db.schema.alterTable('events').addColumn(column, 'text').execute()
  }
}
