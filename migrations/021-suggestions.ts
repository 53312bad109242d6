import type { Kysely } from 'kysely'
import { addId, required } from './columns.ts'

/** What could be done, by the reason for it; the key of a reason stays, so that nothing is suggested twice. */
export async function suggestions(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('suggestions'), dialect)
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('source', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('priority', 'integer', required)
    .addColumn('project_id', 'bigint')
    .addColumn('ref', 'text', required)
    .addColumn('sighted_at', 'bigint')
    .addColumn('became', 'text')
    .addColumn('became_id', 'bigint')
    .addColumn('created_at', 'bigint', required)
    .addColumn('changed_at', 'bigint', required)
    .addColumn('changed_by', 'text')
    .execute()
  await db.schema
    .createIndex('suggestions_state')
    .on('suggestions')
    .columns(['state', 'priority', 'id'])
    .execute()
}
