import { z } from 'zod'
import { secretCategories, secretLimits, usualRemindDays } from '../../core/secret.ts'
import type { EpochMs } from '../../core/clock.ts'
import { listDeeds } from '../../db/secret/audit.ts'
import { getSecret, listSecrets, versionsOf } from '../../db/secret/read.ts'
import { definePage, type Page } from '../page.ts'
import { isRecent } from '../routes/vault/recent-login.ts'
import { idParams, idSchema } from '../schemas/list.ts'

const settling = { role: 'operator', scope: 'secrets' } as const
/** More are found by their letters. */
const shownSecrets = 500
const shownDeeds = 100
const dayMs = 86_400_000

/** Every secret by name, without its value. */
export const vaultPage: Page = definePage({
  path: '/vault',
  name: 'vault',
  area: 'vault',
  topics: ['secrets'],
  query: z.object({
    q: z.string().trim().max(200).catch(''),
    category: z.enum(secretCategories).optional().catch(undefined),
  }),
  async load({ web, query: { q, category } }) {
    const db = web.database.kysely
    const filter = { ...(q && { q }), ...(category && { category }) }
    const [found, status] = await Promise.all([
      listSecrets(db, { ...filter, limit: shownSecrets + 1 }),
      web.vault.status(db),
    ])
    const now = web.clock.now()
    const secrets = found
      .slice(0, shownSecrets)
      .map((secret) => ({ ...secret, expiry: expiryOf(secret, now) }))
    const isCut = found.length > shownSecrets
    return { title: 'Vault', secrets, isCut, status, q, category, categories: secretCategories }
  },
})

/** What was done with the vault as a whole, the newest first. */
export const vaultAuditPage: Page = definePage({
  path: '/vault/audit',
  name: 'vault-audit',
  area: 'vault',
  topics: ['secrets'],
  query: z.object({ before: idSchema.optional().catch(undefined) }),
  async load({ web, query: { before } }) {
    const filter = { limit: shownDeeds, ...(before !== undefined && { before }) }
    const deeds = await listDeeds(web.database.kysely, filter)
    return {
      title: 'Audit of the vault',
      deeds,
      older: deeds.length === shownDeeds ? deeds.at(-1)!.seq : null,
    }
  },
})

export const newSecretPage: Page = definePage({
  path: '/vault/new',
  name: 'secret-form',
  area: 'vault',
  access: settling,
  load: () => Promise.resolve({ title: 'New secret', secret: null, ...formOf(null, usualRemindDays) }),
})

/** One secret: its versions, and who did what with it. */
export const secretPage: Page = definePage({
  path: '/vault/:id',
  name: 'secret',
  area: 'vault',
  topics: ['secrets'],
  params: idParams,
  async load({ web, params: { id } }) {
    const db = web.database.kysely
    const secret = await getSecret(db, id)
    const [versions, deeds, status] = await Promise.all([
      versionsOf(db, id),
      listDeeds(db, { secretId: id, limit: shownDeeds }),
      web.vault.status(db),
    ])
    const expiry = expiryOf(secret, web.clock.now())
    return { title: secret.name, secret: { ...secret, expiry }, versions, deeds, status }
  },
})

export const editSecretPage: Page = definePage({
  path: '/vault/:id/edit',
  name: 'secret-form',
  area: 'vault',
  access: settling,
  params: idParams,
  async load({ web, params: { id } }) {
    const secret = await getSecret(web.database.kysely, id)
    return { title: `Change ${secret.name}`, secret, ...formOf(secret.expiresAt, secret.remindDays) }
  },
})

/** The dialog that shows a value: with the password, where the login is not recent. */
export const revealPage: Page = definePage({
  path: '/vault/:id/reveal',
  name: 'secret-reveal',
  area: 'vault',
  access: settling,
  params: idParams,
  query: z.object({ version: idSchema.optional().catch(undefined) }),
  async load({ web, caller, params: { id }, query }) {
    const secret = await getSecret(web.database.kysely, id)
    const number = query.version ?? secret.version
    const asksPassword = !isRecent(caller!, web.clock.now())
    return { title: `Value of ${secret.name}`, secret, number, asksPassword }
  },
})

function formOf(expiresAt: EpochMs | null, remindDays: number) {
  const expires = expiresAt === null ? '' : new Date(expiresAt).toISOString().slice(0, 10)
  return { expires, remindDays, categories: secretCategories, limits: secretLimits }
}

/** In words for the state's shape; null: nobody need think of it. */
function expiryOf(
  { expiresAt, remindDays }: { expiresAt: EpochMs | null; remindDays: number },
  now: EpochMs,
): 'over' | 'soon' | null {
  if (expiresAt === null) return null
  if (expiresAt <= now) return 'over'
  return expiresAt - remindDays * dayMs <= now ? 'soon' : null
}
