import { z } from 'zod'
import { byKey } from '../../core/by-key.ts'
import { serviceAccountStatuses, type ServiceAccountCount } from '../../core/service-account.ts'
import {
  countServiceAccounts,
  getServiceAccount,
  listServiceAccounts,
} from '../../db/service-account/read.ts'
import {
  changeServiceAccount,
  createServiceAccount,
  deleteServiceAccount,
} from '../../db/service-account/write.ts'
import { toJson } from '../../json.ts'
import { changingVersion } from '../if-match.ts'
import { defineRoute, type Access, type Route } from '../route.ts'
import { accountChangesBody, newAccountBody } from '../schemas/service-account.ts'
import { cursorSchema, idParams, limitSchema, pageAt, pageOf } from '../schemas/list.ts'

const tag = 'Service accounts'
const viewer: Access = { role: 'viewer', scope: 'read' }
/** As secrets: which logins there are is half of what opens them. */
const operator: Access = { role: 'operator', scope: 'secrets' }

const accountSchema = z.object({
  id: z.number(),
  service: z.string(),
  login_name: z.string(),
  node: z.string().describe('that uses it; empty: all of them'),
  status: z.enum(serviceAccountStatuses),
  description: z.string(),
  secret_id: z.number().nullable(),
  secret_name: z.string().nullable().describe('null, too, when the secret was deleted'),
  version: z.number(),
  created_at: z.number(),
  created_by: z.string(),
  updated_at: z.number(),
  updated_by: z.string(),
})
const changedSchema = accountSchema.extend({ success: z.literal(true) })

const listRoute = defineRoute({
  method: 'get',
  path: '/api/accounts',
  tag,
  summary: 'Logins at services of others: by service, node and status',
  access: viewer,
  query: z.object({
    service: z.string().max(200).optional(),
    node: z.string().max(200).optional().describe('empty: those of all nodes'),
    status: z.enum(serviceAccountStatuses).optional(),
    q: z.string().max(200).optional(),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(accountSchema),
  async handle({ web, query }) {
    const { service, node, status, q, limit, cursor = 0 } = query
    const filter = {
      ...(service !== undefined && { service }),
      ...(node !== undefined && { node }),
      ...(status && { status }),
      ...(q !== undefined && { q }),
    }
    const found = await listServiceAccounts(web.database.kysely, filter, { limit: limit + 1, offset: cursor })
    return pageAt(toJson(found), { limit, cursor })
  },
})

const sums = z.object({
  count: z.number(),
  without_secret: z.number(),
  by_status: z.partialRecord(z.enum(serviceAccountStatuses), z.number()),
})

const aggregateRoute = defineRoute({
  method: 'get',
  path: '/api/accounts/aggregate',
  tag,
  summary: 'How many there are by service and by node, in which status, and without a secret',
  access: viewer,
  reply: sums.extend({
    by_service: z.array(sums.extend({ service: z.string() })),
    by_node: z.array(sums.extend({ node: z.string() })),
  }),
  async handle({ web }) {
    const counts = await countServiceAccounts(web.database.kysely)
    const services = [...byKey(counts, ({ service }) => service)]
    const nodes = [...byKey(counts, ({ node }) => node)]
    return {
      ...sumOf(counts),
      by_service: services.map(([service, of]) => ({ service, ...sumOf(of) })),
      by_node: nodes.map(([node, of]) => ({ node, ...sumOf(of) })),
    }
  },
})

function sumOf(counts: readonly ServiceAccountCount[]) {
  const by_status: Partial<Record<ServiceAccountCount['status'], number>> = {}
  for (const { status, count } of counts) by_status[status] = (by_status[status] ?? 0) + count
  return {
    count: counts.reduce((sum, each) => sum + each.count, 0),
    without_secret: counts.reduce((sum, each) => sum + each.withoutSecret, 0),
    by_status,
  }
}

const createRoute = defineRoute({
  method: 'post',
  path: '/api/accounts',
  tag,
  summary: 'Write a login down; 409 when it is there for that node already',
  access: operator,
  status: 201,
  body: newAccountBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web, caller, body: { login_name, secret_id, ...rest } }) {
    const words = { ...rest, loginName: login_name, secretId: secret_id }
    const account = await web.database.write((db) =>
      createServiceAccount(db, words, caller!.name, web.clock.now()),
    )
    return { ...toJson(account), success: true as const }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/accounts/:id',
  tag,
  summary: 'One of them',
  access: viewer,
  params: idParams,
  reply: accountSchema,
  versioned: true,
  async handle({ web, params: { id } }) {
    return toJson(await getServiceAccount(web.database.kysely, id))
  },
})

const changeRoute = defineRoute({
  method: 'put',
  path: '/api/accounts/:id',
  tag,
  summary: 'Change it; with the version that was read (or If-Match), 409 (412) when it is another by now',
  access: operator,
  params: idParams,
  body: accountChangesBody,
  reply: changedSchema,
  versioned: true,
  async handle({ web, caller, params: { id }, body, ifMatch }) {
    const { login_name: loginName, secret_id, version: _version, ...rest } = body
    const changes = { ...rest, loginName, secretId: secret_id }
    const account = await changingVersion({ ifMatch, body }, (version) =>
      web.database.write((db) => {
        const how = { version, by: caller!.name, now: web.clock.now() }
        return changeServiceAccount(db, id, changes, how)
      }),
    )
    return { ...toJson(account), success: true as const }
  },
})

const deleteRoute = defineRoute({
  method: 'delete',
  path: '/api/accounts/:id',
  tag,
  summary: 'Forget it; its secret stays in the vault',
  access: operator,
  params: idParams,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params: { id }, ifMatch }) {
    await changingVersion({ ifMatch, body: {} }, (version) =>
      web.database.write((db) => deleteServiceAccount(db, id, { version, now: web.clock.now() })),
    )
    return { success: true as const }
  },
})

export const serviceAccountRoutes: readonly Route[] = [
  listRoute,
  aggregateRoute,
  createRoute,
  showRoute,
  changeRoute,
  deleteRoute,
]
