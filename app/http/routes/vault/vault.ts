import { z } from 'zod'
import { keyKinds } from '../../../core/secret.ts'
import { AppError } from '../../../core/errors.ts'
import { listDeeds } from '../../../db/secret/audit.ts'
import { toJson } from '../../../json.ts'
import { rotateMasterKey, type NextKey } from '../../../vault/rotate.ts'
import { sealVault, unlockVault } from '../../../vault/seal.ts'
import { verifyVault } from '../../../vault/verify.ts'
import { defineRoute, type Access, type Route } from '../../route.ts'
import { cursorSchema, limitSchema, pageOf } from '../../schemas/list.ts'
import { deedSchema } from '../../schemas/secret.ts'
import { requireRecentLogin } from './recent-login.ts'
import { vaultUser } from './secrets.ts'

const tag = 'Vault'
const viewer: Access = { role: 'viewer', scope: 'read' }
const administrator: Access = { role: 'admin', scope: 'secrets' }

const passphrase = z.string().min(1).max(1_000)
const success = z.object({ success: z.literal(true) })

const statusRoute = defineRoute({
  method: 'get',
  path: '/api/vault',
  tag,
  summary: 'Whether the vault is open, and if not, why',
  access: viewer,
  reply: z.object({
    state: z.enum(['new', 'open', 'sealed']),
    reason: z.string().nullable(),
    key: z.enum(keyKinds).nullable().describe('where its master key comes from'),
    rotating: z.boolean(),
  }),
  async handle({ web }) {
    const status = await web.vault.status(web.database.kysely)
    const { state, reason } = status
    if (status.state === 'new') return { state, reason, key: null, rotating: false }
    return { state, reason, key: status.kind, rotating: status.rotating }
  },
})

const sealRoute = defineRoute({
  method: 'post',
  path: '/api/vault/seal',
  tag,
  summary: 'Close the vault: nobody gets anything out until it is unlocked',
  access: administrator,
  body: z.strictObject({}),
  reply: success,
  async handle({ web, caller }) {
    await sealVault(vaultUser(web, caller))
    return { success: true as const }
  },
})

const unlockRoute = defineRoute({
  method: 'post',
  path: '/api/vault/unlock',
  tag,
  summary: 'Open the vault again; with its passphrase, where that is its key',
  access: administrator,
  body: z.strictObject({ passphrase: passphrase.optional() }),
  reply: success,
  async handle({ web, caller, body }) {
    await unlockVault(vaultUser(web, caller), body.passphrase ?? null)
    return { success: true as const }
  },
})

const rotateRoute = defineRoute({
  method: 'post',
  path: '/api/vault/rotate',
  tag,
  summary: 'Go over to another master key, while everything stays readable',
  access: administrator,
  body: z.strictObject({ to: z.enum(keyKinds).default('file'), passphrase: passphrase.optional() }),
  reply: success,
  async handle({ web, caller, body, address }) {
    await requireRecentLogin(web, caller!, { address })
    await rotateMasterKey(vaultUser(web, caller), nextKeyOf(body.to, body.passphrase))
    return { success: true as const }
  },
})

function nextKeyOf(kind: NextKey['kind'], given: string | undefined): NextKey {
  if (kind !== 'passphrase') return { kind }
  if (given === undefined) throw new AppError('invalid', 'passphrase: give the next one.')
  return { kind, passphrase: given }
}

const verifyRoute = defineRoute({
  method: 'get',
  path: '/api/vault/verify',
  tag,
  summary: 'Read the whole audit and every stored value, and name what is not as it was written',
  access: administrator,
  reply: z.object({ deeds: z.number(), values: z.number(), faults: z.array(z.string()) }),
  handle: ({ web, caller }) => verifyVault(vaultUser(web, caller)),
})

const auditRoute = defineRoute({
  method: 'get',
  path: '/api/vault/audit',
  tag,
  summary: 'What was done with the vault, the newest first',
  access: viewer,
  query: z.object({ limit: limitSchema, cursor: cursorSchema }),
  reply: pageOf(deedSchema),
  async handle({ web, query: { limit, cursor } }) {
    const filter = { limit: limit + 1, ...(cursor !== undefined && { before: cursor }) }
    const found = await listDeeds(web.database.kysely, filter)
    const items = found.slice(0, limit)
    return { items: toJson(items), next_cursor: found.length > limit ? items.at(-1)!.seq : null }
  },
})

export const vaultRoutes: readonly Route[] = [
  statusRoute,
  sealRoute,
  unlockRoute,
  rotateRoute,
  verifyRoute,
  auditRoute,
]
