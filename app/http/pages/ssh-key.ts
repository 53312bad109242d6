import { getSecret } from '../../db/secret/read.ts'
import { listSshKeys } from '../../db/ssh-key/keys.ts'
import type { SshKey } from '../../core/ssh-key.ts'
import { isAppError } from '../../core/errors.ts'
import type { Db } from '../../db/schema.ts'
import { definePage, type Page } from '../page.ts'

/** The key that Architect logs in to other machines with: its public half, and those before. */
export const sshKeyPage: Page = definePage({
  path: '/vault/ssh-key',
  name: 'ssh-key',
  area: 'vault',
  topics: ['secrets'],
  async load({ web }) {
    const db = web.database.kysely
    const [keys, status] = await Promise.all([listSshKeys(db), web.vault.status(db)])
    const current = keys.find(({ replacedAt }) => replacedAt === null) ?? null
    return {
      title: 'SSH key',
      current,
      earlier: keys.filter(({ replacedAt }) => replacedAt !== null),
      fault: current && (await faultOf(db, current)),
      status,
    }
  },
})

/** Somebody may have changed the private half in the vault, or deleted it; null: they fit. */
async function faultOf(db: Db, { secretId, secretVersion }: SshKey): Promise<string | null> {
  try {
    const { version } = await getSecret(db, secretId)
    if (version === secretVersion) return null
    return `In the vault, version ${version} counts by now, and not version ${secretVersion}, which is the other half of this key.`
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error
    return 'Its private half was deleted from the vault.'
  }
}
