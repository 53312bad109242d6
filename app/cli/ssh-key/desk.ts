import type { SshKey } from '../../core/ssh-key.ts'
import { listSshKeys } from '../../db/ssh-key/keys.ts'
import { fromJson, type Json } from '../../json.ts'
import { createSshKey, rotateSshKey } from '../../vault/ssh/service-key.ts'
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
  remote: (dashboard) => ({
    list: async () =>
      fromJson<SshKey[]>((await dashboard.get<{ items: Json<SshKey>[] }>('/api/ssh-keys')).items),
    create: async () => fromJson<SshKey>(await dashboard.send<Json<SshKey>>('POST', '/api/ssh-keys')),
    rotate: async () => fromJson<SshKey>(await dashboard.send<Json<SshKey>>('POST', '/api/ssh-keys/rotate')),
  }),
}
