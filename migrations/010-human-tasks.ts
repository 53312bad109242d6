import type { Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** What sessions ask of people, and how people hear of it: channels, what they shall hear, what was sent. */
export async function humanTasks(db: Kysely<unknown>, dialect: AnyDialect) {
  await createHumanTasks(db, dialect)
  await createChannels(db, dialect)
  await createNotices(db, dialect)
  await createDeliveries(db, dialect)
  await db.schema
    .createTable('event_cursors')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('cursor', 'bigint', required)
    .execute()
}

async function createHumanTasks(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('human_tasks'), dialect)
    .addColumn('state', 'text', required)
    .addColumn('node', 'text', required)
    .addColumn('session', 'text', required)
    .addColumn('session_key', 'text')
    .addColumn('prompt_id', 'bigint')
    .addColumn('question', 'text', required)
    .addColumn('context', 'text')
    .addColumn('choices', 'text', list)
    .addColumn('due_at', 'bigint')
    .addColumn('missing_since', 'bigint')
    .addColumn('created_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('answer', 'text')
    .addColumn('answered_by', 'text')
    .addColumn('answer_prompt_id', 'bigint')
    .addColumn('idempotency_key', 'text', (column) => column.unique())
    .execute()
  await db.schema.createIndex('human_tasks_state').on('human_tasks').columns(['state', 'id']).execute()
}

async function createChannels(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('notification_channels'), dialect)
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('url', 'text')
    .addColumn('secret', 'text')
    .addColumn('kinds', 'text', list)
    .addColumn('enabled', 'integer', counter)
    .addColumn('allow_private', 'integer', counter)
    .addColumn('created_at', 'bigint', required)
    .addColumn('last_at', 'bigint')
    .execute()
}

/** One row for each thing that one channel shall tell; several go into one delivery. */
async function createNotices(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('notices'), dialect)
    .addColumn('channel_id', 'bigint', required)
    .addColumn('kind', 'text', required)
    .addColumn('event_id', 'bigint', required)
    .addColumn('noun', 'text', required)
    .addColumn('noun_id', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('body', 'text', required)
    .addColumn('path', 'text', required)
    .addColumn('at', 'bigint', required)
    .addColumn('due_at', 'bigint', required)
    .addUniqueConstraint('notices_event', ['channel_id', 'event_id'])
    .execute()
}

async function createDeliveries(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('deliveries'), dialect)
    .addColumn('channel_id', 'bigint', required)
    .addColumn('message_id', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', required)
    .addColumn('title', 'text', required)
    .addColumn('count', 'integer', required)
    .addColumn('payload', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('tries', 'integer', counter)
    .addColumn('try_at', 'bigint', required)
    .addColumn('lease_until', 'bigint')
    .addColumn('status', 'integer')
    .addColumn('failure', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('ended_at', 'bigint')
    .addColumn('log', 'text', list)
    .execute()
  await db.schema.createIndex('deliveries_due').on('deliveries').columns(['state', 'try_at']).execute()
  await db.schema.createIndex('deliveries_channel').on('deliveries').columns(['channel_id', 'id']).execute()
}
