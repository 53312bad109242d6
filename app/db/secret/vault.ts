import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { KeyKind } from '../../core/secret.ts'
import type { Db, VaultKeyRow, VaultRow } from '../schema.ts'

export type StoredVault = Selectable<VaultRow>
export type StoredKey = Selectable<VaultKeyRow>

const vaultId = 1

/** null: nothing was ever put into it. */
export async function readVault(db: Db): Promise<StoredVault | null> {
  const row = await db.selectFrom('vault').selectAll().where('id', '=', vaultId).executeTakeFirst()
  return row ?? null
}

/**
 * The same, and nobody else adds to the audit until this transaction ends. SQLite lets one write at a time
 * anyway; PostgreSQL keeps others from the row that is touched.
 */
export async function lockVault(db: Db): Promise<StoredVault | null> {
  const row = await db
    .updateTable('vault')
    .set((eb) => ({ head_seq: eb.ref('head_seq') }))
    .where('id', '=', vaultId)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

export async function insertVault(
  db: Db,
  vault: { currentKey: number; auditKey: string; headMac: string },
  now: EpochMs,
): Promise<void> {
  await db
    .insertInto('vault')
    .values({
      id: vaultId,
      current_key: vault.currentKey,
      audit_key: vault.auditKey,
      head_seq: 0,
      head_mac: vault.headMac,
      created_at: now,
    })
    .execute()
}

export type VaultChanges = Partial<
  Pick<StoredVault, 'current_key' | 'audit_key' | 'head_seq' | 'head_mac' | 'sealed_at' | 'sealed_by'>
>

export async function changeVault(db: Db, changes: VaultChanges): Promise<void> {
  await db.updateTable('vault').set(changes).where('id', '=', vaultId).execute()
}

/** The current one comes last. */
export function readKeys(db: Db): Promise<StoredKey[]> {
  return db.selectFrom('vault_keys').selectAll().orderBy('id').execute()
}

/** Returns its id, which its proof is bound to: so the proof comes after it. */
export async function insertKey(
  db: Db,
  key: { kind: KeyKind; salt: string | null },
  proofFor: (id: number) => string,
  now: EpochMs,
): Promise<number> {
  const { id } = await db
    .insertInto('vault_keys')
    .values({ kind: key.kind, salt: key.salt, proof: '', created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .updateTable('vault_keys')
    .set({ proof: proofFor(id) })
    .where('id', '=', id)
    .execute()
  return id
}

export async function keepUnderNext(db: Db, id: number, underNext: string): Promise<void> {
  await db.updateTable('vault_keys').set({ under_next: underNext }).where('id', '=', id).execute()
}

export async function deleteKey(db: Db, id: number): Promise<void> {
  await db.deleteFrom('vault_keys').where('id', '=', id).execute()
}
