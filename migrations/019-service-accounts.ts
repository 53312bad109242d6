import type { Kysely } from 'kysely'
import { addId, required } from './columns.ts'

/** Logins at services of others. `node`: '' for all machines; `secret_id` may name one that was deleted. */
export async function serviceAccounts(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('service_accounts'), dialect)
    .addColumn('service', 'text', required)
    .addColumn('login_name', 'text', required)
    .addColumn('node', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('description', 'text', required)
    .addColumn('secret_id', 'bigint')
    .addColumn('version', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('updated_at', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    .addUniqueConstraint('service_accounts_login', ['service', 'login_name', 'node'])
    .execute()
}
