import type { Actor } from '../core/account.ts'
import { AppError } from '../core/errors.ts'
import type { KeyKind } from '../core/secret.ts'
import { versionsUnder } from '../db/secret/read.ts'
import { replaceSealed } from '../db/secret/write.ts'
import { changeVault, deleteKey, insertKey, keepUnderNext, readKeys, readVault } from '../db/secret/vault.ts'
import type { Db } from '../db/schema.ts'
import { becomeOnly } from '../single-instance.ts'
import { record } from './audit.ts'
import { keyFromPassphrase, type ChosenKey } from './begin.ts'
import { randomKey, rewrapKey } from './crypto.ts'
import {
  credentialKey,
  forgetSharedKey,
  promoteNextKeyFile,
  removeKeyFiles,
  shareKey,
  writeNextKeyFile,
} from './key-places.ts'
import { proofOf, sealAuditKey, sealUnderNext, type OpenVault, type VaultKeys } from './keys.ts'
import type { VaultTools, VaultUser } from './tools.ts'

/** What the next master key is to be. */
export type NextKey = { kind: 'file' } | { kind: 'credential' } | { kind: 'passphrase'; passphrase: string }

/** Where a rotation stands when it is about to do the next thing; a test ends it there. */
export type RotationStep = 'key kept' | 'key current' | 'key in place' | 'batch' | 'old key dropped'

/**
 * Goes over to another master key, while everything stays readable: at every moment the key that counts opens
 * all others that something is still under.
 *
 *     new key on the disk → it counts, and the old one lies under it → the old key's place is taken
 *     → the data keys go over, batch by batch → the old key is forgotten
 *
 * An end at any point leaves a vault that opens; `finishRotation` goes on from there. Throws `unavailable` while
 * the vault is sealed, `not_found` while it is new, `invalid` for a passphrase or credential that won't do.
 */
export async function rotateMasterKey(
  user: VaultUser,
  next: NextKey,
  at: (step: RotationStep) => void = () => undefined,
): Promise<void> {
  const { database, vault, clock, by } = user
  // Two at once would write each other's key files over.
  using _only = becomeOnly(vault.places.dataDir, 'vault-rotation', '')
  await finishRotation(user, at)
  const chosen = await prepare(vault, next)
  at('key kept')
  await database.write(async (db) => {
    const opened = await vault.openForWriting(db)
    await goOver(db, vault, opened, chosen, by, clock.now())
  })
  at('key current')
  settlePlaces(vault, chosen)
  at('key in place')
  await finishRotation(user, at)
}

/** Goes on where a rotation ended early; does nothing when none did. */
export async function finishRotation(
  { database, vault, clock, by }: VaultUser,
  at: (step: RotationStep) => void = () => undefined,
): Promise<void> {
  if (!(await readVault(database.kysely))) return
  await settleKeyFile({ database, vault, clock })
  for (;;) {
    const isDone = await database.write(async (db) => moveBatch(db, await vault.openForWriting(db)))
    if (isDone) break
    at('batch')
  }
  const dropped = await database.write(async (db) => {
    const opened = await vault.openForWriting(db)
    const old = (await readKeys(db)).filter(({ id }) => id !== opened.row.current_key)
    for (const { id } of old) await deleteKey(db, id)
    if (old.length > 0) await record(db, opened, { action: 'rotated' }, by, clock.now())
    return old.length
  })
  if (dropped > 0) at('old key dropped')
}

/** Versions of one transaction: others wait for no longer than that takes. */
const batchSize = 100

/** Whether nothing is left under an earlier key. */
async function moveBatch(db: Db, opened: OpenVault): Promise<boolean> {
  const { current_key: current } = opened.row
  const old = (await readKeys(db)).find(({ id }) => id !== current)
  if (!old) return true
  const versions = await versionsUnder(db, old.id, batchSize)
  for (const { id, secret_id: secretId, name, number, wrapped_key } of versions) {
    const place = { secretId, name, number }
    const wrapped = rewrapKey(opened.keyOf(old.id), opened.masterKey, wrapped_key, place)
    await replaceSealed(db, id, { key_id: current, wrapped_key: wrapped })
  }
  return versions.length < batchSize
}

async function prepare(vault: VaultKeys, next: NextKey): Promise<ChosenKey> {
  if (next.kind === 'passphrase') return keyFromPassphrase(next.passphrase)
  if (next.kind === 'file') {
    const key = randomKey()
    writeNextKeyFile(vault.places, key)
    return { key, kind: 'file', salt: null }
  }
  const key = credentialKey(vault.places, 'next')
  if (key) return { key, kind: 'credential', salt: null }
  throw new AppError(
    'invalid',
    'Give the unit the next key as the credential "vault-key.next" (LoadCredential=), start it anew, then rotate.',
  )
}

async function goOver(
  db: Db,
  vault: VaultKeys,
  opened: OpenVault,
  chosen: ChosenKey,
  by: Actor,
  now: number,
) {
  const { key, kind, salt } = chosen
  const before = opened.row.current_key
  const id = await insertKey(db, { kind, salt }, (keyId) => proofOf(key, keyId), now)
  await keepUnderNext(db, before, sealUnderNext(key, opened.masterKey, before))
  const changes = { current_key: id, audit_key: sealAuditKey(key, opened.auditKey) }
  await changeVault(db, changes)
  vault.accept(key, { ...opened.row, ...changes }, await readKeys(db))
  await record(db, opened, { action: 'rotate', detail: `its master key is kept as a ${kind}` }, by, now)
}

/** The key before is needed no more where it was kept: it lies under the new one. */
function settlePlaces({ places }: VaultKeys, { key, kind }: { key: Buffer; kind: KeyKind }) {
  if (kind === 'file') promoteNextKeyFile(places)
  else removeKeyFiles(places)
  if (kind === 'passphrase') shareKey(places, key)
  else forgetSharedKey(places)
}

/** A rotation that ended before the new key was in its place. */
async function settleKeyFile({ database, vault }: VaultTools) {
  const status = await vault.status(database.kysely)
  if (status.state === 'open' && status.kind === 'file' && status.rotating) promoteNextKeyFile(vault.places)
}
