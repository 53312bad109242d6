import type { Kysely } from 'kysely'
import { addId, required } from './columns.ts'

/** What agents prove with that they are a session; stored as SHA-256 only, one for each session. */
export async function sessionTokens(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('session_tokens'), dialect)
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('node', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addUniqueConstraint('session_tokens_session', ['node', 'name'])
    .execute()
}
