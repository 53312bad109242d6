import { sql, type ColumnDataType, type Kysely } from 'kysely'
import { counter } from './columns.ts'

/** Prompts that are parts of others, who sent them, who hears of their end, and what was said about it. */
export async function delegation(db: Kysely<unknown>) {
  await db.schema
    .alterTable('prompts')
    .addColumn('parent_id', 'bigint', (column) => column.references('prompts.id').onDelete('set null'))
    .execute()
  await db.schema.alterTable('prompts').addColumn('depth', 'integer', counter).execute()
  for (const [name, type] of promptColumns)
    await db.schema.alterTable('prompts').addColumn(name, type).execute()
  await db.schema.alterTable('attempts').addColumn('text', 'text').execute()
  await db.schema.alterTable('targets').addColumn('manager', 'text').execute()
  await sql`create index prompts_children on prompts (parent_id, id) where parent_id is not null`.execute(db)
  await sql`create index prompts_due on prompts (id) where report = 'due'`.execute(db)
  await sql`create index prompts_returning on prompts (id)
    where state = 'pending' and first_target is not null`.execute(db)
}

const promptColumns: readonly (readonly [string, ColumnDataType])[] = [
  ['kind', 'text'],
  ['sent_by', 'text'],
  ['report', 'text'],
  ['awaited_until', 'bigint'],
  ['review', 'text'],
  ['review_comment', 'text'],
  ['reviewed_at', 'bigint'],
  ['next_text', 'text'],
  ['first_target', 'text'],
]
