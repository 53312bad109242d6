import { hostname } from 'node:os'
import { AppError } from '../../core/errors.ts'
import { sshKeySecretName, type SshKey } from '../../core/ssh-key.ts'
import { listSecrets } from '../../db/secret/read.ts'
import type { Db } from '../../db/schema.ts'
import { currentSshKey, putSshKey } from '../../db/ssh-key/keys.ts'
import { changeIn, createIn } from '../secrets.ts'
import type { VaultUser } from '../tools.ts'
import { makeSshPair } from './pair.ts'

/**
 * Makes the key that Architect logs in with. Its private half goes into the vault and nowhere else. Throws `conflict`
 * when there is one, `unavailable` with the reason when the vault is sealed.
 */
export function createSshKey(user: VaultUser): Promise<SshKey> {
  return user.database.write(async (db) => {
    const current = await currentSshKey(db)
    if (current) throw new AppError('conflict', `There is an SSH key already. Rotate it to get another.`)
    return makeKey(db, user)
  })
}

/**
 * Another key in its place; the one before stays in the vault as an earlier version, until it is taken out where it
 * was let in. Throws `not_found` without one, `unavailable` when the vault is sealed.
 */
export function rotateSshKey(user: VaultUser): Promise<SshKey> {
  return user.database.write(async (db) => {
    const current = await currentSshKey(db)
    if (!current)
      throw new AppError('not_found', 'There is no SSH key yet. Make one: ./deploy.sh ssh-key create')
    return makeKey(db, user)
  })
}

async function makeKey(db: Db, user: VaultUser): Promise<SshKey> {
  const { publicKey, fingerprint, privateKey } = makeSshPair(`architect@${hostname()}`)
  const named = await listSecrets(db, { q: sshKeySecretName })
  const known = named.find(({ name }) => name === sshKeySecretName)
  const secret = known
    ? await changeIn(db, user, known.id, { value: privateKey })
    : await createIn(db, user, {
        name: sshKeySecretName,
        value: privateKey,
        category: 'ssh_key',
        description: 'Private half of the key that Architect logs in to other machines with',
      })
  const key = { publicKey, fingerprint, secretId: secret.id, secretVersion: secret.version }
  return putSshKey(db, key, user.by.name, user.clock.now())
}
