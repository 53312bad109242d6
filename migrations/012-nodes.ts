import { sql, type Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Machines, the keys that they prove themselves with, invitations for new ones, and what is wrong with them. */
export async function nodes(db: Kysely<unknown>, dialect: AnyDialect) {
  await createNodes(db, dialect)
  await createKeys(db, dialect)
  await createJoinTokens(db, dialect)
  await createAlerts(db, dialect)
  if (dialect === 'postgres') await createMetrics(db)
  await db.schema.createIndex('sessions_node').on('sessions').column('node').execute()
  await tellOfMachines(db)
}

async function createNodes(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('nodes'), dialect)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('reason', 'text')
    .addColumn('since', 'bigint', required)
    .addColumn('tags', 'text', list)
    .addColumn('facts', 'text', (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('limits', 'text', (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('ssh', 'text', (column) => column.notNull().defaultTo(sql`'{}'`))
    .addColumn('agent_version', 'text')
    .addColumn('protocol', 'integer')
    .addColumn('clock_offset_ms', 'bigint')
    .addColumn('maintenance_until', 'bigint')
    .addColumn('pressure', 'text')
    .addColumn('cpu_percent', 'integer')
    .addColumn('created_at', 'bigint', required)
    .addColumn('first_seen_at', 'bigint')
    .addColumn('seen_at', 'bigint')
    .addColumn('rotate_key', 'integer', counter)
    .execute()
}

async function createKeys(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('node_keys'), dialect)
    .addColumn('node_id', 'bigint', required)
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('used_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_reason', 'text')
    .execute()
  await db.schema.createIndex('node_keys_node').on('node_keys').columns(['node_id', 'id']).execute()
}

async function createJoinTokens(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('join_tokens'), dialect)
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', required)
    .addColumn('name', 'text')
    .addColumn('tags', 'text', list)
    .addColumn('created_by', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint', required)
    .addColumn('used_at', 'bigint')
    .addColumn('node_id', 'bigint')
    .execute()
}

async function createAlerts(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('node_alerts'), dialect)
    .addColumn('node_id', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('says', 'text', required)
    .addColumn('raised_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('ended_reason', 'text')
    .execute()
  await db.schema.createIndex('node_alerts_state').on('node_alerts').columns(['state', 'node_id']).execute()
  await db.schema.createIndex('node_alerts_node').on('node_alerts').columns(['node_id', 'id']).execute()
}

/** Beside SQLite they are in a file of their own, which need not be as durable. */
async function createMetrics(db: Kysely<unknown>) {
  await db.schema
    .createTable('node_metrics')
    .addColumn('node_id', 'bigint', required)
    .addColumn('tier', 'integer', required)
    .addColumn('place', 'integer', required)
    .addColumn('slot', 'bigint', required)
    .addColumn('last_at', 'bigint', required)
    .addColumn('figures', 'bytea', required)
    .addPrimaryKeyConstraint('node_metrics_place', ['node_id', 'tier', 'place'])
    .execute()
}

/** Whoever is told when somebody waits for them hears of machines as well. */
async function tellOfMachines(db: Kysely<unknown>) {
  await sql`update notification_channels set kinds = replace(kinds, '"needs_person"', '"needs_person","node"')`.execute(
    db,
  )
}
