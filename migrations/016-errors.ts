import type { Kysely } from 'kysely'
import { addId, counter, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Errors that programs report, their groups, where and when they happened, samples, and what was refused. */
export async function errors(db: Kysely<unknown>, dialect: AnyDialect) {
  await createErrors(db, dialect)
  await createGroups(db)
  await createPlaces(db)
  await createSamples(db)
  await createRefusals(db)
}

async function createErrors(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('errors'), dialect)
    .addColumn('identity', 'text', (column) => column.notNull().unique())
    .addColumn('group_id', 'bigint', required)
    .addColumn('error_type', 'text', required)
    .addColumn('message', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('count', 'bigint', counter)
    .addColumn('first_seen_at', 'bigint', required)
    .addColumn('last_seen_at', 'bigint', required)
    .addColumn('node', 'text', required)
    .execute()
  await db.schema.createIndex('errors_group').on('errors').columns(['group_id', 'id']).execute()
  await db.schema.createIndex('errors_seen').on('errors').columns(['last_seen_at', 'id']).execute()
}

/** A group has the id of its first error. */
async function createGroups(db: Kysely<unknown>) {
  await db.schema
    .createTable('error_groups')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('state', 'text', required)
    .addColumn('fingerprint', 'text', (column) => column.notNull().unique())
    .addColumn('fingerprint_version', 'integer', required)
    .addColumn('error_type', 'text', required)
    .addColumn('message', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('count', 'bigint', counter)
    .addColumn('listed', 'integer', counter)
    .addColumn('unlisted', 'bigint', counter)
    .addColumn('first_seen_at', 'bigint', required)
    .addColumn('last_seen_at', 'bigint', required)
    .addColumn('first_node', 'text', required)
    .addColumn('last_node', 'text', required)
    .addColumn('changed_at', 'bigint', required)
    .addColumn('changed_by', 'text')
    .addColumn('prompt_id', 'bigint')
    .execute()
  await db.schema
    .createIndex('error_groups_state')
    .on('error_groups')
    .columns(['state', 'last_seen_at'])
    .execute()
  await db.schema
    .createIndex('error_groups_seen')
    .on('error_groups')
    .columns(['last_seen_at', 'id'])
    .execute()
}

async function createPlaces(db: Kysely<unknown>) {
  await db.schema
    .createTable('error_nodes')
    .addColumn('group_id', 'bigint', required)
    .addColumn('node', 'text', required)
    .addColumn('count', 'bigint', counter)
    .addColumn('first_seen_at', 'bigint', required)
    .addColumn('last_seen_at', 'bigint', required)
    .addPrimaryKeyConstraint('error_nodes_key', ['group_id', 'node'])
    .execute()
  await db.schema
    .createTable('error_hours')
    .addColumn('group_id', 'bigint', required)
    .addColumn('hour', 'bigint', required)
    .addColumn('count', 'bigint', counter)
    .addPrimaryKeyConstraint('error_hours_key', ['group_id', 'hour'])
    .execute()
  await db.schema.createIndex('error_hours_hour').on('error_hours').column('hour').execute()
}

async function createSamples(db: Kysely<unknown>) {
  await db.schema
    .createTable('error_samples')
    .addColumn('group_id', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('shape', 'text', required)
    .addColumn('at', 'bigint', required)
    .addColumn('node', 'text', required)
    .addColumn('session', 'text')
    .addColumn('message', 'text', required)
    .addColumn('stack', 'text')
    .addColumn('metadata', 'text', required)
    .addPrimaryKeyConstraint('error_samples_key', ['group_id', 'kind', 'shape'])
    .execute()
}

/** Reports that were not taken, by hour. */
async function createRefusals(db: Kysely<unknown>) {
  await db.schema
    .createTable('error_refusals')
    .addColumn('hour', 'bigint', required)
    .addColumn('node', 'text', required)
    .addColumn('source', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('count', 'bigint', counter)
    .addColumn('last_at', 'bigint', required)
    .addPrimaryKeyConstraint('error_refusals_key', ['hour', 'node', 'source', 'reason'])
    .execute()
}
