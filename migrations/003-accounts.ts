import type { Kysely } from 'kysely'
import { addId, counter, list, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Who may come in: users, their browser sessions and tokens, failed logins; and what people settled. */
export async function accounts(db: Kysely<unknown>, dialect: AnyDialect) {
  await createUsers(db, dialect)
  await createBrowserSessions(db, dialect)
  await createTokens(db, dialect)
  await createLoginFailures(db)
  await createSettings(db)
}

/** `name_key` is the name in lower case. `login_version` rises when all logins of the user end. */
async function createUsers(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('users'), dialect)
    .addColumn('name', 'text', required)
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('password_hash', 'text', required)
    .addColumn('initial_password', 'integer', counter)
    .addColumn('role', 'text', required)
    .addColumn('login_version', 'integer', counter)
    .addColumn('created_at', 'bigint', required)
    .addColumn('password_changed_at', 'bigint', required)
    .addColumn('last_login_at', 'bigint')
    .execute()
}

/** A cookie's id is stored as its SHA-256 only: whoever reads this table can't log in with it. */
async function createBrowserSessions(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('browser_sessions'), dialect)
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('address', 'text', required)
    .addColumn('user_agent', 'text', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('active_at', 'bigint', required)
    .execute()
  await db.schema.createIndex('browser_sessions_user').on('browser_sessions').column('user_id').execute()
}

async function createTokens(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('tokens'), dialect)
    .addColumn('secret_hash', 'text', (column) => column.notNull().unique())
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('name', 'text', required)
    .addColumn('hint', 'text', required)
    .addColumn('scopes', 'text', list)
    .addColumn('created_at', 'bigint', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('used_at', 'bigint')
    .addColumn('used_from', 'text')
    .execute()
  await db.schema.createIndex('tokens_user').on('tokens').column('user_id').execute()
}

/** One row for each account and each network address that logins failed for; `key` is a hash. */
async function createLoginFailures(db: Kysely<unknown>) {
  await db.schema
    .createTable('login_failures')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('count', 'integer', required)
    .addColumn('last_at', 'bigint', required)
    .addColumn('blocked_until', 'bigint', required)
    .execute()
  await db.schema.createIndex('login_failures_last').on('login_failures').column('last_at').execute()
}

async function createSettings(db: Kysely<unknown>) {
  await db.schema
    .createTable('settings')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .execute()
}
