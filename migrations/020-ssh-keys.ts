import type { Kysely } from 'kysely'
import { addId, required } from './columns.ts'

/** Public halves of the keys that Architect logs in with; the private ones are in the vault. */
export async function sshKeys(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('ssh_keys'), dialect)
    .addColumn('public_key', 'text', required)
    .addColumn('fingerprint', 'text', required)
    .addColumn('secret_id', 'bigint', required)
    .addColumn('secret_version', 'integer', required)
    .addColumn('created_at', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('replaced_at', 'bigint')
    .execute()
}
