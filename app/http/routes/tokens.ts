import { z } from 'zod'
import { hashSecret } from '../../accounts/secret.ts'
import { makeToken } from '../../accounts/token.ts'
import { includesRole, scopes, type ApiToken, type Scope } from '../../core/account.ts'
import { AppError } from '../../core/errors.ts'
import { createToken, endToken, listTokens } from '../../db/account/tokens.ts'
import type { Caller } from '../caller.ts'
import { defineRoute, type Access, type Route } from '../route.ts'

/** Everybody settles their own tokens; with a token, only one that may settle everything. */
const owner: Access = { role: 'viewer', scope: 'admin' }

const dayMs = 24 * 60 * 60_000
const usualDays = 90
const mostDays = 3650

const tokenSchema = z.object({
  id: z.number(),
  name: z.string(),
  user: z.string(),
  hint: z.string(),
  scopes: z.array(z.enum(scopes)),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  expired: z.boolean(),
  last_used_at: z.number().nullable(),
  last_used_from: z.string().nullable(),
})

const listRoute = defineRoute({
  method: 'get',
  path: '/api/tokens',
  tag: 'Accounts',
  summary: "Your API tokens, or everybody's (all=true, for administrators), without their secrets",
  access: owner,
  query: z.object({ all: z.enum(['true', 'false']).default('false') }),
  reply: z.object({ items: z.array(tokenSchema), next_cursor: z.null() }),
  async handle({ web, caller, query }) {
    const ofAll = query.all === 'true'
    if (ofAll && !isAdmin(caller!)) throw new AppError('forbidden', "Others' tokens are for administrators.")
    const tokens = await listTokens(web.database.kysely, ofAll ? undefined : caller!.userId)
    const now = web.clock.now()
    return { items: tokens.map((token) => describeToken(token, now)), next_cursor: null }
  },
})

const createRoute = defineRoute({
  method: 'post',
  path: '/api/tokens',
  tag: 'Accounts',
  summary: 'Make an API token; its secret is in this answer and never again',
  access: owner,
  status: 201,
  body: z.object({
    name: z
      .string()
      .trim()
      .regex(/^[^\p{Cc}\p{Cs}]{1,80}$/u, { error: 'must be 1 to 80 characters on one line' }),
    scopes: z.array(z.enum(scopes)).min(1),
    /** null: it ends only when somebody ends it. */
    expires_in_days: z.number().int().min(1).max(mostDays).nullable().default(usualDays),
  }),
  reply: tokenSchema.extend({ token: z.string() }),
  async handle({ web, caller, body }) {
    refuseMoreScopes(caller!, body.scopes)
    const now = web.clock.now()
    const { secret, hint } = makeToken()
    const created = {
      userId: caller!.userId,
      name: body.name,
      secretHash: hashSecret(secret),
      hint,
      scopes: scopes.filter((scope) => body.scopes.includes(scope)),
      expiresAt: body.expires_in_days === null ? null : now + body.expires_in_days * dayMs,
    }
    const token = await web.database.write((db) => createToken(db, created, now))
    return { ...describeToken(token, now), token: secret }
  },
})

const endRoute = defineRoute({
  method: 'delete',
  path: '/api/tokens/:id',
  tag: 'Accounts',
  summary: 'End an API token at once; administrators may end everybody’s',
  access: owner,
  params: z.object({ id: z.coerce.number().int().positive() }),
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, caller, params }) {
    const ownerId = isAdmin(caller!) ? null : caller!.userId
    await web.database.write((db) => endToken(db, params.id, ownerId, web.clock.now()))
    return { success: true as const }
  },
})

export const tokenRoutes: readonly Route[] = [listRoute, createRoute, endRoute]

function isAdmin({ role }: Caller): boolean {
  return includesRole(role, 'admin')
}

/** A token makes no token that may do more than itself. */
function refuseMoreScopes({ scopes: own }: Caller, wanted: readonly Scope[]) {
  const missing = own && wanted.find((scope) => !own.includes(scope))
  if (missing) throw new AppError('forbidden', `This token lacks the scope "${missing}" and can't give it.`)
}

function describeToken(token: ApiToken, now: number) {
  return {
    id: token.id,
    name: token.name,
    user: token.userName,
    hint: token.hint,
    scopes: token.scopes,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    expired: token.expiresAt !== null && token.expiresAt <= now,
    last_used_at: token.usedAt,
    last_used_from: token.usedFrom,
  }
}
