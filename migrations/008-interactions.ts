import { sql, type Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** What sessions ask for, what was decided on it and by which version of which rule. */
export async function interactions(db: Kysely<unknown>, dialect: AnyDialect) {
  await createInteractions(db, dialect)
  await createPatterns(db, dialect)
}

/** `token` stands in the pane's marker; `answer_until` is how long the process that answers may take. */
async function createInteractions(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('interactions'), dialect)
    .addColumn('state', 'text', required)
    .addColumn('session_key', 'text', required)
    .addColumn('session_name', 'text', required)
    .addColumn('node', 'text', required)
    .addColumn('generation', 'text', required)
    .addColumn('agent', 'text', required)
    .addColumn('cwd', 'text', required)
    .addColumn('prompt_id', 'bigint')
    .addColumn('attempt_id', 'bigint')
    .addColumn('call_id', 'text', (column) => column.unique())
    .addColumn('kind', 'text', required)
    .addColumn('tool', 'text', required)
    .addColumn('tool_name', 'text', required)
    .addColumn('input', 'text', required)
    .addColumn('input_from', 'text', required)
    .addColumn('input_whole', 'integer', required)
    .addColumn('input_digest', 'text', required)
    .addColumn('unsure', 'text')
    .addColumn('question', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('options', 'text', list)
    .addColumn('selected', 'integer')
    .addColumn('screen', 'text')
    .addColumn('screen_digest', 'text')
    .addColumn('asked_at', 'bigint', required)
    .addColumn('seen_at', 'bigint', required)
    .addColumn('decision', 'text')
    .addColumn('decided_by', 'text')
    .addColumn('decided_at', 'bigint')
    .addColumn('answer', 'text')
    .addColumn('token', 'text')
    .addColumn('answer_until', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('reason', 'text')
    .addColumn('version', 'integer', counter)
    .execute()
  await sql`create index interactions_live on interactions (session_key, id)
    where state in ('open', 'answering', 'unknown')`.execute(db)
  await sql`create index interactions_ended on interactions (ended_at) where ended_at is not null`.execute(db)
  await db.schema
    .createIndex('interactions_session')
    .on('interactions')
    .columns(['session_key', 'id'])
    .execute()
}

/** The newest version stands in `patterns`; each version that ever was, in `pattern_versions`. */
async function createPatterns(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('patterns'), dialect)
    .addColumn('state', 'text', required)
    .addColumn('pattern_version', 'integer', required)
    .addColumn('name', 'text', required)
    .addColumn('effect', 'text', required)
    .addColumn('conditions', 'text', required)
    .addColumn('note', 'text', required)
    .addColumn('made_from', 'bigint')
    .addColumn('created_by', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('updated_at', 'bigint', required)
    .execute()
  await db.schema
    .createTable('pattern_versions')
    .addColumn('pattern_id', 'bigint', (column) =>
      column.notNull().references('patterns.id').onDelete('cascade'),
    )
    .addColumn('pattern_version', 'integer', required)
    .addColumn('name', 'text', required)
    .addColumn('effect', 'text', required)
    .addColumn('conditions', 'text', required)
    .addColumn('created_by', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addPrimaryKeyConstraint('pattern_versions_key', ['pattern_id', 'pattern_version'])
    .execute()
}
