import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { SshKey } from '../../core/ssh-key.ts'
import { appendEvent } from '../events.ts'
import type { Db, SshKeyRow } from '../schema.ts'

/** Replaced ones that are still shown, so that they can be taken out where they were let in. */
const shownKeys = 20

/** The newest comes first; it is the one in use, when it was not replaced. */
export async function listSshKeys(db: Db): Promise<SshKey[]> {
  const rows = await db.selectFrom('ssh_keys').selectAll().orderBy('id', 'desc').limit(shownKeys).execute()
  return rows.map(toSshKey)
}

/** The one in use; null: there is none yet. */
export async function currentSshKey(db: Db): Promise<SshKey | null> {
  const query = db.selectFrom('ssh_keys').selectAll().where('replaced_at', 'is', null)
  const row = await query.orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row ? toSshKey(row) : null
}

/** From here on this one is in use. */
export async function putSshKey(
  db: Db,
  key: Pick<SshKey, 'publicKey' | 'fingerprint' | 'secretId' | 'secretVersion'>,
  by: string,
  now: EpochMs,
): Promise<SshKey> {
  const before = await db
    .updateTable('ssh_keys')
    .set({ replaced_at: now })
    .where('replaced_at', 'is', null)
    .returning('id')
    .execute()
  const row = await db
    .insertInto('ssh_keys')
    .values({
      public_key: key.publicKey,
      fingerprint: key.fingerprint,
      secret_id: key.secretId,
      secret_version: key.secretVersion,
      created_at: now,
      created_by: by,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const type = before.length > 0 ? 'rotate' : 'create'
  const data = { detail: key.fingerprint }
  appendEvent(db, { at: now, noun: 'ssh_key', nounId: String(row.id), type, data })
  return toSshKey(row)
}

function toSshKey(row: Selectable<SshKeyRow>): SshKey {
  return {
    id: row.id,
    publicKey: row.public_key,
    fingerprint: row.fingerprint,
    secretId: row.secret_id,
    secretVersion: row.secret_version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    replacedAt: row.replaced_at,
  }
}
