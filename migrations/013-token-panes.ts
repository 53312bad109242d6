import type { Kysely } from 'kysely'

/** The pane that a session's token was made for; empty for those that were made before this. */
export async function tokenPanes(db: Kysely<unknown>) {
  await db.schema.alterTable('session_tokens').addColumn('session_key', 'text').execute()
}
