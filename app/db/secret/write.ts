import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { secretLimits, type Secret, type SecretCategory, type SecretId } from '../../core/secret.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'

export interface SecretWords {
  name: string
  category: SecretCategory
  description: string
  expiresAt: EpochMs | null
  remindDays: number
}

/** Without a version yet. Throws `conflict` when the name is taken. */
export async function insertSecret(db: Db, words: SecretWords, by: string, now: EpochMs): Promise<SecretId> {
  await refuseTakenName(db, words.name, null)
  const { count } = await db
    .selectFrom('secrets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count >= secretLimits.secrets) {
    throw new AppError('conflict', `The vault holds ${count} secrets, which is its limit. Delete some first.`)
  }
  const columns = { ...columnsOf(words), version: 0, created_by: by, updated_by: by }
  const row = await db
    .insertInto('secrets')
    .values({ ...columns, created_at: now, updated_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return row.id
}

export async function updateSecret(
  db: Db,
  secret: Secret,
  words: SecretWords,
  by: string,
  now: EpochMs,
): Promise<void> {
  if (words.name !== secret.name) await refuseTakenName(db, words.name, secret.id)
  const isOtherTime = words.expiresAt !== secret.expiresAt || words.remindDays !== secret.remindDays
  await db
    .updateTable('secrets')
    .set({
      ...columnsOf(words),
      updated_by: by,
      updated_at: now,
      ...(isOtherTime && { reminded_at: null }),
    })
    .where('id', '=', secret.id)
    .execute()
}

export interface NewVersion {
  number: number
  keyId: number
  wrappedKey: string
  sealed: string
  note: string | null
}

/** The new version counts from here on; of those before, as many stay as are kept. */
export async function addVersion(db: Db, id: SecretId, version: NewVersion, by: string, now: EpochMs) {
  await db
    .insertInto('secret_versions')
    .values({
      secret_id: id,
      number: version.number,
      key_id: version.keyId,
      wrapped_key: version.wrappedKey,
      sealed: version.sealed,
      note: version.note,
      created_at: now,
      created_by: by,
    })
    .execute()
  await db
    .updateTable('secrets')
    .set({ version: version.number, updated_at: now, updated_by: by })
    .where('id', '=', id)
    .execute()
  await db
    .deleteFrom('secret_versions')
    .where('secret_id', '=', id)
    .where('number', '<=', version.number - secretLimits.versions)
    .execute()
}

/** The same value, sealed anew: under another master key, or bound to another name. */
export async function replaceSealed(
  db: Db,
  versionId: number,
  changes: { key_id?: number; wrapped_key: string; sealed?: string },
): Promise<void> {
  await db.updateTable('secret_versions').set(changes).where('id', '=', versionId).execute()
}

export async function deleteSecret(db: Db, id: SecretId): Promise<void> {
  await db.deleteFrom('secret_versions').where('secret_id', '=', id).execute()
  await db.deleteFrom('secrets').where('id', '=', id).execute()
}

export async function countAccess(db: Db, id: SecretId, by: string, now: EpochMs): Promise<void> {
  await db
    .updateTable('secrets')
    .set((eb) => ({ access_count: eb('access_count', '+', 1), accessed_at: now, accessed_by: by }))
    .where('id', '=', id)
    .execute()
}

/**
 * Marks those whose reminder is due, and tells of each, once. Returns their number. With a sealed vault too: no
 * value is needed for it.
 */
export async function remindOfExpiry(db: Db, now: EpochMs): Promise<number> {
  const due = await db
    .updateTable('secrets')
    .set({ reminded_at: now })
    .where('reminded_at', 'is', null)
    .where('expires_at', 'is not', null)
    .where((eb) => eb(eb('expires_at', '-', eb('remind_days', '*', dayMs)), '<=', now))
    .returning(['id', 'name', 'expires_at'])
    .execute()
  for (const { id, name, expires_at } of due) {
    const data = { name, expiresAt: expires_at }
    appendEvent(db, { at: now, noun: 'secret', nounId: String(id), type: 'expires', data })
  }
  return due.length
}

const dayMs = 86_400_000

async function refuseTakenName(db: Db, name: string, except: SecretId | null) {
  const row = await db.selectFrom('secrets').select('id').where('name', '=', name).executeTakeFirst()
  if (!row || row.id === except) return
  throw new AppError(
    'conflict',
    `There is a secret "${name}" already. Change that one, or take another name.`,
  )
}

function columnsOf(words: SecretWords) {
  const { name, category, description } = words
  return { name, category, description, expires_at: words.expiresAt, remind_days: words.remindDays }
}
