import { AppError } from '../core/errors.ts'
import { changeVault, lockVault, readKeys, readVault } from '../db/secret/vault.ts'
import { record } from './audit.ts'
import { forgetSharedKey, keyOfPassphrase, shareKey } from './key-places.ts'
import type { VaultUser } from './tools.ts'

/**
 * Nobody gets anything out from here on, in any process. Throws `not_found` while the vault is new, `unavailable`
 * when it is sealed already.
 */
export async function sealVault({ database, vault, clock, by }: VaultUser): Promise<void> {
  const now = clock.now()
  await database.write(async (db) => {
    const opened = await vault.openForWriting(db)
    await record(db, opened, { action: 'seal' }, by, now)
    await changeVault(db, { sealed_at: now, sealed_by: by.name })
  })
  forgetSharedKey(vault.places)
  vault.forget()
}

/**
 * Opens it again; where its key is a passphrase, with that. Throws `forbidden` for a wrong one, `invalid` without
 * one, `unavailable` when the key is not at hand.
 */
export async function unlockVault(user: VaultUser, passphrase: string | null): Promise<void> {
  const { database, vault, clock, by } = user
  const key = await keyGiven(user, passphrase)
  await database.write(async (db) => {
    const row = await lockVault(db)
    if (!row) throw new AppError('not_found', 'The vault is empty: there is nothing to unlock.')
    if (row.sealed_at !== null) await changeVault(db, { sealed_at: null, sealed_by: null })
    const opened = await vault.openForWriting(db)
    await record(db, opened, { action: 'unlock' }, by, clock.now())
  })
  if (key) shareKey(vault.places, key)
}

async function keyGiven({ database, vault }: VaultUser, passphrase: string | null): Promise<Buffer | null> {
  const row = await readVault(database.kysely)
  const keys = await readKeys(database.kysely)
  const current = keys.find(({ id }) => id === row?.current_key)
  if (!row || current?.kind !== 'passphrase' || current.salt === null) return null
  if (passphrase === null) throw new AppError('invalid', 'This vault opens with its passphrase: give it.')
  const key = await keyOfPassphrase(passphrase, Buffer.from(current.salt, 'base64'))
  if (vault.accept(key, row, keys)) return key
  throw new AppError('forbidden', 'That is not the passphrase of the vault.')
}
