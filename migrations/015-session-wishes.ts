import type { Kysely } from 'kysely'

/** What a session wants to answer to something that another one asks; empty where none did. */
export async function sessionWishes(db: Kysely<unknown>) {
  await db.schema.alterTable('interactions').addColumn('wish', 'text').execute()
}
