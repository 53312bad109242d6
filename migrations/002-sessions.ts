import type { Kysely } from 'kysely'
import { counter, list, required } from './columns.ts'

/** Who is there: sessions as last seen, what people settled about them, our own processes, pane leases. */
export async function sessions(db: Kysely<unknown>) {
  await createSessions(db)
  await createSessionSettings(db)
  await createProcesses(db)
  await createPaneLeases(db)
}

async function createSessions(db: Kysely<unknown>) {
  await db.schema
    .createTable('sessions')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('node', 'text', required)
    .addColumn('server', 'text', required)
    .addColumn('pane_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('address', 'text', required)
    .addColumn('agent', 'text')
    .addColumn('version', 'text')
    .addColumn('generation', 'text')
    .addColumn('state', 'text', required)
    .addColumn('since', 'bigint', required)
    .addColumn('accepts_prompt', 'integer', required)
    .addColumn('draft', 'integer', required)
    .addColumn('trusted', 'integer', required)
    .addColumn('limited_until', 'bigint')
    .addColumn('cwd', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('rule', 'text', required)
    .addColumn('typed_at', 'bigint')
    .addColumn('prompt_id', 'bigint')
    .addColumn('seen_at', 'bigint', required)
    .execute()
  await db.schema.createIndex('sessions_name').on('sessions').columns(['name', 'node']).execute()
}

async function createSessionSettings(db: Kysely<unknown>) {
  await db.schema
    .createTable('session_settings')
    .addColumn('node', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('tier', 'text')
    .addColumn('tags', 'text', list)
    .addColumn('paused', 'integer', counter)
    .addColumn('ignored', 'integer', counter)
    .addColumn('manager', 'text')
    .addColumn('created_by', 'text')
    .addColumn('agent', 'text')
    .addColumn('dir', 'text')
    .addColumn('updated_at', 'bigint', required)
    .addPrimaryKeyConstraint('session_settings_key', ['node', 'name'])
    .execute()
}

async function createProcesses(db: Kysely<unknown>) {
  await db.schema
    .createTable('processes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('kind', 'text', required)
    .addColumn('pid', 'integer', required)
    .addColumn('host', 'text', required)
    .addColumn('version', 'text', required)
    .addColumn('address', 'text')
    .addColumn('started_at', 'bigint', required)
    .addColumn('heartbeat_at', 'bigint', required)
    .execute()
}

async function createPaneLeases(db: Kysely<unknown>) {
  await db.schema
    .createTable('pane_leases')
    .addColumn('pane_key', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', required)
    .addColumn('epoch', 'bigint', required)
    .addColumn('until', 'bigint', required)
    .execute()
}
