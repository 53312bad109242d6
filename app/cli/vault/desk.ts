import type { Secret, SecretCategory } from '../../core/secret.ts'
import { AppError } from '../../core/errors.ts'
import { getSecretByName, listSecrets } from '../../db/secret/read.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { giveSecrets, type WantedSecret } from '../../vault/give.ts'
import {
  changeSecret,
  createSecret,
  removeSecret,
  revealSecret,
  rollBackSecret,
} from '../../vault/secrets.ts'
import { openVaultKeys, type VaultUser } from '../../vault/tools.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

export interface SecretWish {
  name: string
  value: string
  category?: SecretCategory
  description?: string
  expiresAt?: number | null
}

/** The vault of one machine. */
export interface VaultDesk {
  list(filter: { category?: SecretCategory; q?: string }): Promise<Secret[]>
  /** A new secret, or another value for one of that name. */
  set(wish: SecretWish): Promise<Secret>
  get(name: string, version?: number): Promise<string>
  rollBack(name: string, version: number): Promise<Secret>
  remove(name: string): Promise<void>
  /** For the environment of a program. */
  give(wanted: readonly WantedSecret[], what: string): Promise<Record<string, string>>
}

export const vaultDesks: Sides<VaultDesk> = { local: localVault, remote: remoteVault }

/** The vault of this machine in the hands of whoever sits here. Throws `forbidden` for an agent. */
export async function vaultUserHere(records: Records): Promise<VaultUser> {
  await requirePerson(records)
  const { database, clock, config } = records
  const by = personHere()
  return { database: database.by(by), clock, by, vault: openVaultKeys(config) }
}

function localVault(records: Records): VaultDesk {
  const db = records.database.kysely
  const find = async (name: string) => (await getSecretByName(db, name)).id
  const user = () => vaultUserHere(records)
  return {
    list: (filter) => listSecrets(db, filter),
    async set({ name, ...wish }) {
      const [known] = (await listSecrets(db, { q: name })).filter((secret) => secret.name === name)
      return known
        ? changeSecret(await user(), known.id, wish)
        : createSecret(await user(), { name, ...wish })
    },
    async get(name, version) {
      return (await revealSecret(await user(), await find(name), { version })).value
    },
    rollBack: async (name, version) => rollBackSecret(await user(), await find(name), version),
    async remove(name) {
      await removeSecret(await user(), await find(name))
    },
    give: async (wanted, what) => giveSecrets(await user(), wanted, what),
  }
}

interface Page {
  items: Json<Secret>[]
  next_cursor: string | null
}

function remoteVault(dashboard: Dashboard): VaultDesk {
  async function list(filter: Record<string, string>): Promise<Secret[]> {
    const found: Secret[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: Record<string, string | number> = { ...filter, limit: 200, ...(cursor && { cursor }) }
      const page: Page = await dashboard.get<Page>('/api/secrets', query)
      found.push(...fromJson<Secret[]>(page.items))
      cursor = page.next_cursor
    }
    return found
  }
  async function known(name: string): Promise<Secret | undefined> {
    return (await list({ q: name })).find((secret) => secret.name === name)
  }
  async function pathOf(name: string): Promise<string> {
    const secret = await known(name)
    if (secret) return `/api/secrets/${secret.id}`
    throw new AppError('not_found', `There is no secret "${name}" at ${dashboard.url}.`)
  }
  async function get(name: string, version?: number): Promise<string> {
    const body = version === undefined ? {} : { version }
    const path = `${await pathOf(name)}/reveal`
    return (await dashboard.send<{ value: string }>('POST', path, body)).value
  }
  return {
    list,
    get,
    async set({ name, expiresAt, ...rest }) {
      const words = { ...rest, ...(expiresAt !== undefined && { expires_at: expiresAt }) }
      const secret = await known(name)
      const reply = secret
        ? await dashboard.send<Json<Secret>>('PUT', `/api/secrets/${secret.id}`, words)
        : await dashboard.send<Json<Secret>>('POST', '/api/secrets', { name, ...words })
      return fromJson<Secret>(reply)
    },
    async rollBack(name, version) {
      const path = `${await pathOf(name)}/rollback`
      return fromJson<Secret>(await dashboard.send<Json<Secret>>('POST', path, { version }))
    },
    async remove(name) {
      await dashboard.send('DELETE', await pathOf(name))
    },
    async give(wanted) {
      const env: Record<string, string> = {}
      for (const { variable, name } of wanted) env[variable] = await get(name)
      return env
    },
  }
}
