import type { Kysely } from 'kysely'
import { addId, counter, required } from './columns.ts'

type AnyDialect = 'sqlite' | 'postgres'

/** Secrets and their sealed values; which master key they are under; and the chain of what was done with them. */
export async function vault(db: Kysely<unknown>, dialect: AnyDialect) {
  await createVault(db, dialect)
  await createSecrets(db, dialect)
  await createVersions(db, dialect)
  await createAudit(db)
  await db.schema.alterTable('browser_sessions').addColumn('confirmed_at', 'bigint').execute()
}

/** One row for the vault, and one for each master key that something is still under. No key is in either. */
async function createVault(db: Kysely<unknown>, dialect: AnyDialect) {
  await db.schema
    .createTable('vault')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('current_key', 'bigint', required)
    .addColumn('audit_key', 'text', required)
    .addColumn('head_seq', 'bigint', required)
    .addColumn('head_mac', 'text', required)
    .addColumn('sealed_at', 'bigint')
    .addColumn('sealed_by', 'text')
    .addColumn('created_at', 'bigint', required)
    .execute()
  await addId(db.schema.createTable('vault_keys'), dialect)
    .addColumn('kind', 'text', required)
    .addColumn('salt', 'text')
    .addColumn('proof', 'text', required)
    .addColumn('under_next', 'text')
    .addColumn('created_at', 'bigint', required)
    .execute()
}

async function createSecrets(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('secrets'), dialect)
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('category', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('expires_at', 'bigint')
    .addColumn('remind_days', 'integer', required)
    .addColumn('reminded_at', 'bigint')
    .addColumn('access_count', 'bigint', counter)
    .addColumn('accessed_at', 'bigint')
    .addColumn('accessed_by', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    .execute()
}

async function createVersions(db: Kysely<unknown>, dialect: AnyDialect) {
  await addId(db.schema.createTable('secret_versions'), dialect)
    .addColumn('secret_id', 'bigint', (column) =>
      column.notNull().references('secrets.id').onDelete('cascade'),
    )
    .addColumn('number', 'integer', required)
    .addColumn('key_id', 'bigint', required)
    .addColumn('wrapped_key', 'text', required)
    .addColumn('sealed', 'text', required)
    .addColumn('note', 'text')
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addUniqueConstraint('secret_versions_number', ['secret_id', 'number'])
    .execute()
  await db.schema.createIndex('secret_versions_key').on('secret_versions').columns(['key_id', 'id']).execute()
}

/** `seq` counts without gaps. Rows outlive the secret that they tell of. */
async function createAudit(db: Kysely<unknown>) {
  await db.schema
    .createTable('vault_audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at', 'bigint', required)
    .addColumn('action', 'text', required)
    .addColumn('secret_id', 'bigint')
    .addColumn('name', 'text')
    .addColumn('version', 'integer')
    .addColumn('actor_kind', 'text', required)
    .addColumn('actor_name', 'text', required)
    .addColumn('address', 'text')
    .addColumn('detail', 'text', required)
    .addColumn('mac', 'text', required)
    .execute()
  await db.schema.createIndex('vault_audit_secret').on('vault_audit').columns(['secret_id', 'seq']).execute()
}
