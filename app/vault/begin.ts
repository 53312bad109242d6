import { randomBytes } from 'node:crypto'
import type { Actor } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { KeyKind } from '../core/secret.ts'
import { insertKey, insertVault, readKeys, readVault } from '../db/secret/vault.ts'
import type { Db } from '../db/schema.ts'
import { record, signHead } from './audit.ts'
import { randomKey } from './crypto.ts'
import { credentialKey, ensureKeyFile, keyOfPassphrase, shareKey } from './key-places.ts'
import { proofOf, sealAuditKey, type OpenVault, type VaultKeys } from './keys.ts'
import type { VaultUser } from './tools.ts'

/** A master key that is at hand, with where it is from. */
export interface ChosenKey {
  key: Buffer
  kind: KeyKind
  salt: string | null
}

/** Opens the vault; the first time, it is made, with the unit's credential for its key or else a file. */
export async function openOrBegin(db: Db, keys: VaultKeys, by: Actor, now: EpochMs): Promise<OpenVault> {
  if (!(await readVault(db))) await begin(db, keys, usualKey(keys), by, now)
  return keys.openForWriting(db)
}

/** A vault whose key nobody finds on a disk. Throws `conflict` when there is a vault already. */
export async function beginWithPassphrase(user: VaultUser, passphrase: string): Promise<void> {
  const { database, vault, clock, by } = user
  const chosen = await keyFromPassphrase(passphrase)
  await database.write(async (db) => {
    if (await readVault(db)) {
      throw new AppError(
        'conflict',
        'There is a vault already. Give it a passphrase: ./deploy.sh vault rotate --to passphrase',
      )
    }
    await begin(db, vault, chosen, by, clock.now())
  })
  shareKey(vault.places, chosen.key)
}

/** Throws `invalid` for one that is too short to keep anybody out. */
export async function keyFromPassphrase(passphrase: string): Promise<ChosenKey> {
  if (passphrase.length < leastPassphraseChars) {
    throw new AppError('invalid', `A passphrase has at least ${leastPassphraseChars} characters.`)
  }
  const salt = randomBytes(16)
  return { key: await keyOfPassphrase(passphrase, salt), kind: 'passphrase', salt: salt.toString('base64') }
}

const leastPassphraseChars = 12

function usualKey({ places }: VaultKeys): ChosenKey {
  const credential = credentialKey(places, 'now')
  if (credential) return { key: credential, kind: 'credential', salt: null }
  return { key: ensureKeyFile(places), kind: 'file', salt: null }
}

async function begin(db: Db, keys: VaultKeys, chosen: ChosenKey, by: Actor, now: EpochMs) {
  const { kind, salt, key } = chosen
  const auditKey = randomKey()
  const id = await insertKey(db, { kind, salt }, (keyId) => proofOf(key, keyId), now)
  const headMac = signHead(auditKey, 0, '')
  await insertVault(db, { currentKey: id, auditKey: sealAuditKey(key, auditKey), headMac }, now)
  keys.accept(key, (await readVault(db))!, await readKeys(db))
  const opened = await keys.openForWriting(db)
  await record(db, opened, { action: 'init', detail: `its master key is kept as a ${kind}` }, by, now)
}
