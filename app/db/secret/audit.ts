import type { Selectable } from 'kysely'
import type { SecretId, VaultDeed } from '../../core/secret.ts'
import type { Db, VaultAuditRow } from '../schema.ts'

export type SignedDeed = VaultDeed & { mac: string }

export async function insertDeed(db: Db, deed: SignedDeed): Promise<void> {
  const { seq, at, action, name, version, detail, mac, by } = deed
  await db
    .insertInto('vault_audit')
    .values({
      seq,
      at,
      action,
      name,
      version,
      detail,
      mac,
      secret_id: deed.secretId,
      actor_kind: by.kind,
      actor_name: by.name,
      address: by.address,
    })
    .execute()
}

/** The newest comes first. */
export async function listDeeds(
  db: Db,
  filter: { secretId?: SecretId; before?: number; limit: number },
): Promise<VaultDeed[]> {
  let query = db.selectFrom('vault_audit').selectAll().orderBy('seq', 'desc').limit(filter.limit)
  if (filter.secretId !== undefined) query = query.where('secret_id', '=', filter.secretId)
  if (filter.before !== undefined) query = query.where('seq', '<', filter.before)
  return (await query.execute()).map(({ mac: _mac, ...row }) => toDeed(row))
}

/** The oldest comes first, with what signs it. */
export async function signedDeeds(db: Db, afterSeq: number, limit: number): Promise<SignedDeed[]> {
  const rows = await db
    .selectFrom('vault_audit')
    .selectAll()
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...toDeed(row), mac: row.mac }))
}

function toDeed(row: Omit<Selectable<VaultAuditRow>, 'mac'>): VaultDeed {
  return {
    seq: row.seq,
    at: row.at,
    action: row.action,
    secretId: row.secret_id,
    name: row.name,
    version: row.version,
    by: { kind: row.actor_kind, name: row.actor_name, address: row.address },
    detail: row.detail,
  }
}
