import { z } from 'zod'
import { secretCategories } from '../../../core/secret.ts'
import { listDeeds } from '../../../db/secret/audit.ts'
import { getSecret, listSecrets, versionsOf } from '../../../db/secret/read.ts'
import { toJson } from '../../../json.ts'
import {
  changeSecret,
  createSecret,
  removeSecret,
  revealSecret,
  rollBackSecret,
} from '../../../vault/secrets.ts'
import type { VaultUser } from '../../../vault/tools.ts'
import type { Caller } from '../../caller.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { idParams, limitSchema } from '../../schemas/list.ts'
import {
  deedSchema,
  newSecretBody,
  secretChangesBody,
  secretSchema,
  versionSchema,
} from '../../schemas/secret.ts'
import type { Web } from '../../web.ts'
import { requireRecentLogin } from './recent-login.ts'

const tag = 'Vault'
/** Names, and what was done with them: no values. */
const viewer: Access = { role: 'viewer', scope: 'read' }
const operator: Access = { role: 'operator', scope: 'secrets' }
const administrator: Access = { role: 'admin', scope: 'secrets' }

/** The vault in the hands of whoever asks. */
export function vaultUser(web: Web, caller: Caller | null): VaultUser {
  return { database: web.database, clock: web.clock, vault: web.vault, by: caller!.actor }
}

const listRoute = defineRoute({
  method: 'get',
  path: '/api/secrets',
  tag,
  summary: 'All secrets by name, without their values',
  access: viewer,
  query: z.object({
    category: z.enum(secretCategories).optional(),
    q: z.string().max(200).optional().describe('letters of a name or a description'),
    limit: limitSchema,
    cursor: z
      .string()
      .max(200)
      .optional()
      .describe('the last name of the page before, as next_cursor says it'),
  }),
  reply: z.object({ items: z.array(secretSchema), next_cursor: z.string().nullable() }),
  async handle({ web, query: { category, q, limit, cursor } }) {
    const filter = { ...(category && { category }), ...(q && { q }), ...(cursor && { after: cursor }) }
    const found = await listSecrets(web.database.kysely, { ...filter, limit: limit + 1 })
    const items = found.slice(0, limit)
    return { items: toJson(items), next_cursor: found.length > limit ? items.at(-1)!.name : null }
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/secrets',
  tag,
  summary: 'Store a secret; 409 when there is one of that name',
  access: operator,
  status: 201,
  body: newSecretBody,
  reply: secretSchema.extend({ success: z.literal(true) }),
  async handle({ web, caller, body: { expires_at, remind_days, ...rest } }) {
    const given = { ...rest, expiresAt: expires_at, remindDays: remind_days }
    const secret = await createSecret(vaultUser(web, caller), given)
    return { ...toJson(secret), success: true as const }
  },
})

const revealedSchema = secretSchema.extend({
  value: z.string(),
  value_version: z.number().describe('which version the value is of'),
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/secrets/:id',
  tag,
  summary: 'A secret with its value; counted, written into the audit, and only with a recent login',
  access: operator,
  params: idParams,
  query: z.object({ version: z.coerce.number().int().positive().optional() }),
  reply: revealedSchema,
  async handle({ web, caller, params, query, address }) {
    await requireRecentLogin(web, caller!, { address })
    return reveal(web, caller, params.id, query.version)
  },
})

const revealRoute = defineRoute({
  method: 'post',
  path: '/api/secrets/:id/reveal',
  tag,
  summary: 'The same, with the password where the login is not recent',
  access: operator,
  params: idParams,
  body: z.strictObject({
    password: z.string().max(1000).optional(),
    version: z.number().int().positive().optional(),
  }),
  reply: revealedSchema,
  async handle({ web, caller, params, body, address }) {
    await requireRecentLogin(web, caller!, { password: body.password, address })
    return reveal(web, caller, params.id, body.version)
  },
})

async function reveal(web: Web, caller: Caller | null, id: number, version: number | undefined) {
  const { secret, value, number } = await revealSecret(vaultUser(web, caller), id, { version })
  return { ...toJson(secret), value, value_version: number }
}

const changeRoute = defineRoute({
  method: 'put',
  path: '/api/secrets/:id',
  tag,
  summary: 'Change what is said about a secret, or its value, which makes another version',
  access: operator,
  params: idParams,
  body: secretChangesBody,
  reply: secretSchema.extend({ success: z.literal(true) }),
  async handle({ web, caller, params, body: { expires_at, remind_days, ...rest } }) {
    const changes = { ...rest, expiresAt: expires_at, remindDays: remind_days }
    const secret = await changeSecret(vaultUser(web, caller), params.id, changes)
    return { ...toJson(secret), success: true as const }
  },
})

const rollbackRoute = defineRoute({
  method: 'post',
  path: '/api/secrets/:id/rollback',
  tag,
  summary: 'Let an earlier value count again, as a new version',
  access: operator,
  params: idParams,
  body: z.strictObject({ version: z.number().int().positive() }),
  reply: secretSchema.extend({ success: z.literal(true) }),
  async handle({ web, caller, params, body }) {
    const secret = await rollBackSecret(vaultUser(web, caller), params.id, body.version)
    return { ...toJson(secret), success: true as const }
  },
})

const deleteRoute = defineRoute({
  method: 'delete',
  path: '/api/secrets/:id',
  tag,
  summary: 'Delete a secret with all its versions; the audit keeps what was done with it',
  access: administrator,
  params: idParams,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, caller, params }) {
    await removeSecret(vaultUser(web, caller), params.id)
    return { success: true as const }
  },
})

/** Rows of the audit that come with a secret. */
const shownDeeds = 50

const historyRoute = defineRoute({
  method: 'get',
  path: '/api/secrets/:id/history',
  tag,
  summary: 'The versions of a secret, and what was done with it last; no values',
  access: viewer,
  params: idParams,
  reply: z.object({
    secret: secretSchema,
    versions: z.array(versionSchema),
    audit: z.array(deedSchema),
  }),
  async handle({ web, params: { id } }) {
    const db = web.database.kysely
    const [secret, versions, audit] = await Promise.all([
      getSecret(db, id),
      versionsOf(db, id),
      listDeeds(db, { secretId: id, limit: shownDeeds }),
    ])
    return { secret: toJson(secret), versions: toJson(versions), audit: toJson(audit) }
  },
})

export const secretRoutes: readonly Route[] = [
  listRoute,
  createRoute,
  showRoute,
  revealRoute,
  changeRoute,
  rollbackRoute,
  deleteRoute,
  historyRoute,
]
