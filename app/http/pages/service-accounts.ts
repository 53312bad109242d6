import { z } from 'zod'
import { byKey } from '../../core/by-key.ts'
import {
  serviceAccountGlyph,
  serviceAccountLimits,
  serviceAccountStatuses,
  type ServiceAccount,
} from '../../core/service-account.ts'
import { listSecrets } from '../../db/secret/read.ts'
import {
  countServiceAccounts,
  getServiceAccount,
  listServiceAccounts,
} from '../../db/service-account/read.ts'
import type { Db } from '../../db/schema.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'

const settling = { role: 'operator', scope: 'secrets' } as const
/** More are found by their letters. */
const shownAccounts = 500

/** Logins at services of others, by service; with how many there are on which node. */
export const serviceAccountsPage: Page = definePage({
  path: '/vault/accounts',
  name: 'service-accounts',
  area: 'vault',
  topics: ['secrets'],
  query: z.object({
    q: z.string().trim().max(200).catch(''),
    status: z.enum(serviceAccountStatuses).optional().catch(undefined),
  }),
  async load({ web, query: { q, status } }) {
    const db = web.database.kysely
    const filter = { ...(q && { q }), ...(status && { status }) }
    const [found, counts] = await Promise.all([
      listServiceAccounts(db, filter, { limit: shownAccounts + 1 }),
      countServiceAccounts(db),
    ])
    const nodes = [...byKey(counts, ({ node }) => node)].map(([node, of]) => ({
      node,
      count: of.reduce((sum, { count }) => sum + count, 0),
      services: [...new Set(of.map(({ service }) => service))],
    }))
    return {
      title: 'Service accounts',
      accounts: found.slice(0, shownAccounts),
      isCut: found.length > shownAccounts,
      nodes,
      q,
      status,
      statuses: serviceAccountStatuses,
      glyphs: serviceAccountGlyph,
    }
  },
})

export const newServiceAccountPage: Page = definePage({
  path: '/vault/accounts/new',
  name: 'service-account-form',
  area: 'vault',
  access: settling,
  async load({ web }) {
    return { title: 'New service account', ...(await formOf(web.database.kysely, null)) }
  },
})

export const editServiceAccountPage: Page = definePage({
  path: '/vault/accounts/:id/edit',
  name: 'service-account-form',
  area: 'vault',
  access: settling,
  params: idParams,
  async load({ web, params: { id } }) {
    const account = await getServiceAccount(web.database.kysely, id)
    return { title: `Change ${account.loginName}`, ...(await formOf(web.database.kysely, account)) }
  },
})

async function formOf(db: Db, account: ServiceAccount | null) {
  const secrets = await listSecrets(db, { limit: shownAccounts })
  return { account, secrets, statuses: serviceAccountStatuses, limits: serviceAccountLimits }
}
