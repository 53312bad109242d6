import { AppError } from '../../core/errors.ts'
import type { Secret } from '../../core/secret.ts'
import type { ServiceAccount, ServiceAccountId } from '../../core/service-account.ts'
import { getSecretByName } from '../../db/secret/read.ts'
import {
  getServiceAccount,
  listServiceAccounts,
  type ServiceAccountFilter,
} from '../../db/service-account/read.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  deleteServiceAccount,
  type ServiceAccountWords,
} from '../../db/service-account/write.ts'
import { accountChangesBody, newAccountBody } from '../../http/schemas/service-account.ts'
import { fromJson, toJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { checked } from '../checked.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { requirePerson } from '../require-person.ts'
import type { Sides } from '../with.ts'

/** The logins at services of others that one machine's dashboard knows. */
export interface AccountDesk {
  /** By service, login name and node. */
  list(filter: ServiceAccountFilter & { limit: number }): Promise<ServiceAccount[]>
  get(id: ServiceAccountId): Promise<ServiceAccount>
  add(words: NamedWords): Promise<ServiceAccount>
  set(id: ServiceAccountId, changes: Partial<NamedWords>): Promise<ServiceAccount>
  remove(id: ServiceAccountId): Promise<void>
}

/** With the name of the secret that opens it; null: nothing in the vault does. */
export type NamedWords = Omit<ServiceAccountWords, 'secretId'> & { secret: string | null }

export const accountDesks: Sides<AccountDesk> = { local: localAccounts, remote: remoteAccounts }

function localAccounts(records: Records): AccountDesk {
  const { database, clock } = records
  const db = database.kysely
  const { name: by } = personHere()
  const secretIdOf = async (name: string | null) =>
    name === null ? null : (await getSecretByName(db, name)).id
  return {
    list: ({ limit, ...filter }) => listServiceAccounts(db, filter, { limit }),
    get: (id) => getServiceAccount(db, id),
    async add({ secret, ...rest }) {
      await requirePerson(records)
      const {
        login_name: loginName,
        secret_id: secretId,
        ...body
      } = checked(newAccountBody, toJson({ ...rest, secretId: await secretIdOf(secret) }))
      const words = { ...body, loginName, secretId }
      return database.write((tx) => createServiceAccount(tx, words, by, clock.now()))
    },
    async set(id, { secret, ...rest }) {
      await requirePerson(records)
      const wanted = { ...rest, ...(secret !== undefined && { secretId: await secretIdOf(secret) }) }
      const {
        login_name: loginName,
        secret_id: secretId,
        version,
        ...body
      } = checked(accountChangesBody, toJson(wanted))
      const words = { ...body, loginName, secretId }
      const how = { version, by, now: clock.now() }
      return database.write((tx) => changeServiceAccount(tx, id, words, how))
    },
    async remove(id) {
      await requirePerson(records)
      await database.write((tx) => deleteServiceAccount(tx, id, { now: clock.now() }))
    },
  }
}

type Shown = Json<ServiceAccount>

function remoteAccounts(dashboard: Dashboard): AccountDesk {
  const secretIdOf = async (name: string | null) => {
    if (name === null) return null
    const { items } = await dashboard.get<{ items: Json<Secret>[] }>('/api/secrets', { q: name, limit: 200 })
    const found = items.find((secret) => secret.name === name)
    if (found) return found.id
    throw new AppError('not_found', `There is no secret "${name}" at ${dashboard.url}.`)
  }
  const changed = async (method: 'POST' | 'PUT', path: string, words: object) => {
    const { success: _, ...account } = await dashboard.send<Shown & { success: true }>(method, path, words)
    return fromJson<ServiceAccount>(account)
  }
  return {
    async list({ limit, ...filter }) {
      const { items } = await dashboard.get<{ items: Shown[] }>('/api/accounts', { limit, ...filter })
      return items.map((item) => fromJson<ServiceAccount>(item))
    },
    get: async (id) => fromJson<ServiceAccount>(await dashboard.get<Shown>(`/api/accounts/${id}`)),
    add: async ({ secret, ...rest }) =>
      changed('POST', '/api/accounts', toJson({ ...rest, secretId: await secretIdOf(secret) })),
    async set(id, { secret, ...rest }) {
      const words = { ...rest, ...(secret !== undefined && { secretId: await secretIdOf(secret) }) }
      return changed('PUT', `/api/accounts/${id}`, toJson(words))
    },
    remove: async (id) => void (await dashboard.send('DELETE', `/api/accounts/${id}`)),
  }
}
