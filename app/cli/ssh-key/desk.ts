import type { SshKey } from '../../core/ssh-key.ts'
import { listSshKeys } from '../../db/ssh-key/keys.ts'
import { fromJson, type Json } from '../../json.ts'
import { createSshKey, rotateSshKey } from '../../vault/ssh/service-key.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'
import { vaultUserHere } from '../vault/desk.ts'

/** The key that Architect logs in to other machines with. */
export interface SshKeyDesk {
  /** The one in use comes first. */
  list(): Promise<SshKey[]>
  create(): Promise<SshKey>
  rotate(): Promise<SshKey>
}

export const sshKeyDesks: Sides<SshKeyDesk> = {
  local: (records) => ({
    list: () => listSshKeys(records.database.kysely),
    create: async () => createSshKey(await vaultUserHere(records)),
    rotate: async () => rotateSshKey(await vaultUserHere(records)),
  }),
  remote: remoteKeys,
}

function remoteKeys(dashboard: Dashboard): SshKeyDesk {
  async function make(path: string): Promise<SshKey> {
    const { success: _success, ...key } = await dashboard.send<Json<SshKey> & { success: true }>('POST', path)
    return fromJson<SshKey>(key)
  }
  return {
    async list() {
      const { items } = await dashboard.get<{ items: Json<SshKey>[] }>('/api/ssh-keys')
      return fromJson<SshKey[]>(items)
    },
    create: () => make('/api/ssh-keys'),
    rotate: () => make('/api/ssh-keys/rotate'),
  }
}
