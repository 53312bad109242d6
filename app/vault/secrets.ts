import type { Actor } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import {
  secretLimits,
  secretNamePattern,
  secretNameRule,
  usualRemindDays,
  type Secret,
  type SecretCategory,
  type SecretId,
} from '../core/secret.ts'
import { getSecret, getVersion, storedVersionsOf } from '../db/secret/read.ts'
import {
  addVersion,
  countAccess,
  deleteSecret,
  insertSecret,
  replaceSealed,
  updateSecret,
  type SecretWords,
} from '../db/secret/write.ts'
import type { Db } from '../db/schema.ts'
import { record } from './audit.ts'
import { openOrBegin } from './begin.ts'
import { openValue, sealValue } from './crypto.ts'
import type { OpenVault } from './keys.ts'
import type { VaultUser } from './tools.ts'

export interface NewSecret {
  name: string
  value: string
  category?: SecretCategory | undefined
  description?: string | undefined
  expiresAt?: EpochMs | null | undefined
  remindDays?: number | undefined
}

/** Throws `conflict` when the name is taken, `invalid` for what can't be a name or a value. */
export function createSecret(user: VaultUser, secret: NewSecret): Promise<Secret> {
  return user.database.write((db) => createIn(db, user, secret))
}

/** The same inside of a transaction, for several at once. */
export async function createIn(db: Db, { vault, by, clock }: VaultUser, secret: NewSecret): Promise<Secret> {
  const now = clock.now()
  const words = wordsOf(secret)
  refuseValue(secret.value)
  const opened = await openOrBegin(db, vault, by, now)
  const id = await insertSecret(db, words, by.name, now)
  const place = { id, name: words.name, version: 1 }
  await keepVersion(db, opened, place, { value: secret.value, note: null }, by, now)
  await record(db, opened, { action: 'create', secret: place }, by, now)
  return getSecret(db, id)
}

export type SecretChanges = { [Field in keyof NewSecret]?: NewSecret[Field] | undefined }

/** Another value is another version; everything else is changed in place. Throws `conflict`, `not_found`, `invalid`. */
export function changeSecret(user: VaultUser, id: SecretId, changes: SecretChanges): Promise<Secret> {
  return user.database.write((db) => changeIn(db, user, id, changes))
}

/** The same inside of a transaction. */
export async function changeIn(
  db: Db,
  { vault, by, clock }: VaultUser,
  id: SecretId,
  changes: SecretChanges,
): Promise<Secret> {
  const now = clock.now()
  const secret = await getSecret(db, id)
  const { value, ...words } = changes
  const kept = wordsOf({ ...secret, ...withoutUndefined(words) })
  if (value !== undefined) refuseValue(value)
  const opened = await vault.openForWriting(db)
  await updateSecret(db, secret, kept, by.name, now)
  if (kept.name !== secret.name) await bindToName(db, opened, secret, kept.name)
  const version = value === undefined ? secret.version : secret.version + 1
  const place = { id, name: kept.name, version }
  if (value !== undefined) await keepVersion(db, opened, place, { value, note: null }, by, now)
  await record(
    db,
    opened,
    { action: 'change', secret: place, detail: changedFields(secret, kept, value) },
    by,
    now,
  )
  return getSecret(db, id)
}

/** An earlier value counts again, as a new version. Throws `not_found`, `conflict` when it counts already. */
export function rollBackSecret(user: VaultUser, id: SecretId, to: number): Promise<Secret> {
  const { vault, by, clock, database } = user
  return database.write(async (db) => {
    const now = clock.now()
    const secret = await getSecret(db, id)
    if (to === secret.version) {
      throw new AppError('conflict', `Version ${to} of "${secret.name}" is the one that counts.`)
    }
    const opened = await vault.openForWriting(db)
    const value = await valueOf(db, opened, secret, to)
    const place = { id, name: secret.name, version: secret.version + 1 }
    await keepVersion(db, opened, place, { value, note: `as version ${to} was` }, by, now)
    await record(db, opened, { action: 'rollback', secret: place, detail: `to version ${to}` }, by, now)
    return getSecret(db, id)
  })
}

/** With all its versions; what was done with it stays in the audit. Throws `not_found`. */
export function removeSecret(user: VaultUser, id: SecretId): Promise<Secret> {
  const { vault, by, clock, database } = user
  return database.write(async (db) => {
    const secret = await getSecret(db, id)
    const opened = await vault.openForWriting(db)
    await record(db, opened, { action: 'delete', secret }, by, clock.now())
    await deleteSecret(db, id)
    return secret
  })
}

export interface Revealed {
  secret: Secret
  /** Which version it is of. */
  number: number
  value: string
}

/**
 * The value, and the row in the audit that says who got it: one transaction, so that there is no value without
 * its row. Throws `not_found`, `unavailable` with the reason.
 */
export function revealSecret(
  user: VaultUser,
  id: SecretId,
  options: { version?: number | undefined } = {},
): Promise<Revealed> {
  return user.database.write((db) => revealIn(db, user, id, { ...options, action: 'reveal', detail: '' }))
}

/** The same inside of a transaction, for several at once. */
export async function revealIn(
  db: Db,
  { vault, by, clock }: VaultUser,
  id: SecretId,
  access: { version?: number | undefined; action: 'reveal' | 'give' | 'export'; detail: string },
): Promise<Revealed> {
  const now = clock.now()
  const opened = await vault.openForWriting(db)
  const secret = await getSecret(db, id)
  const number = access.version ?? secret.version
  const value = await valueOf(db, opened, secret, number)
  const place = { id, name: secret.name, version: number }
  await record(db, opened, { action: access.action, secret: place, detail: access.detail }, by, now)
  await countAccess(db, id, by.name, now)
  return { secret: await getSecret(db, id), number, value }
}

async function valueOf(db: Db, opened: OpenVault, secret: Secret, number: number): Promise<string> {
  const version = await getVersion(db, secret, number)
  const sealed = { wrappedKey: version.wrapped_key, sealed: version.sealed }
  const place = { secretId: secret.id, name: version.name, number }
  return openValue(opened.keyOf(version.key_id), sealed, place)
}

async function keepVersion(
  db: Db,
  { masterKey, row }: OpenVault,
  place: { id: SecretId; name: string; version: number },
  { value, note }: { value: string; note: string | null },
  by: Actor,
  now: EpochMs,
) {
  const { id, name, version: number } = place
  const sealed = sealValue(masterKey, value, { secretId: id, name, number })
  await addVersion(db, id, { ...sealed, number, keyId: row.current_key, note }, by.name, now)
}

/** A sealed value is bound to the name: under another one it is sealed anew. */
async function bindToName(db: Db, opened: OpenVault, secret: Secret, name: string) {
  for (const version of await storedVersionsOf(db, secret.id)) {
    const { id, key_id, wrapped_key, sealed, number } = version
    const before = { secretId: secret.id, name: secret.name, number }
    const value = openValue(opened.keyOf(key_id), { wrappedKey: wrapped_key, sealed }, before)
    const { wrappedKey, ...rest } = sealValue(opened.masterKey, value, { ...before, name })
    await replaceSealed(db, id, { ...rest, wrapped_key: wrappedKey, key_id: opened.row.current_key })
  }
}

/** Throws `invalid`. */
function wordsOf(given: Omit<NewSecret, 'value'>): SecretWords {
  const { name, description = '', remindDays = usualRemindDays } = given
  if (!secretNamePattern.test(name)) {
    throw new AppError('invalid', `The name of a secret is ${secretNameRule}.`)
  }
  const { category = 'general', expiresAt = null } = given
  return { name, category, description, expiresAt, remindDays }
}

/** Throws `invalid`, without repeating it. */
function refuseValue(value: string) {
  if (value === '') throw new AppError('invalid', 'The value of a secret is not empty.')
  if (value.length > secretLimits.valueChars) {
    throw new AppError('invalid', `The value of a secret has at most ${secretLimits.valueChars} characters.`)
  }
  if (value.includes('\0'))
    throw new AppError('invalid', 'The value of a secret has no NUL in it: no program could take it.')
}

function changedFields(before: Secret, after: SecretWords, value: string | undefined): string {
  const changed = (Object.keys(after) as (keyof SecretWords)[]).filter((key) => before[key] !== after[key])
  const words = changed.map((key) => (key === 'name' ? `name, was ${before.name}` : fieldWords[key]))
  return [...(value === undefined ? [] : ['value']), ...words].join(', ') || 'nothing'
}

const fieldWords: Record<keyof SecretWords, string> = {
  name: 'name',
  category: 'category',
  description: 'description',
  expiresAt: 'expiry',
  remindDays: 'reminder',
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
