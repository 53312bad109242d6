import { z } from 'zod'
import { AppError } from '../../../core/errors.ts'
import { alertKinds, alertRulesSchema } from '../../../core/node-alert.ts'
import { nodeLimitsSchema, nodeSshSchema, type Node } from '../../../core/node.ts'
import { endJoinToken } from '../../../db/node/join-tokens.ts'
import { getNode, getNodeByWord } from '../../../db/node/read.ts'
import { changeNode } from '../../../db/node/write.ts'
import { getAlertRules, setAlertRules } from '../../../db/settings.ts'
import { fromJson, toJson, type Json } from '../../../json.ts'
import { addScriptNode } from '../../../nodes/add.ts'
import { invitingPlace } from '../../../nodes/dashboard-address.ts'
import { inviteNode, requireTags } from '../../../nodes/invite.ts'
import { joinCommand } from '../../../nodes/join-command.ts'
import { issueNodeKey, revokeNode, rotateNodeKey } from '../../../nodes/keys.ts'
import { forgetNode } from '../../../nodes/remove.ts'
import { defineRoute, type Route } from '../../route.ts'
import { idParams } from '../../schemas/list.ts'
import { invitationSchema, limitsSchema, nodeSchema } from '../../schemas/node.ts'
import { nodeParams } from './words.ts'

const tag = 'Nodes'
const admin = { role: 'admin', scope: 'admin' } as const
const operator = { role: 'operator', scope: 'sessions' } as const
const done = z.object({ success: z.literal(true), node: nodeSchema })
const name = z.string().max(200)
const tags = z.array(z.string()).max(50)

const inviteRoute = defineRoute({
  method: 'post',
  path: '/api/nodes/invitations',
  tag,
  summary: 'Invite one machine; the token is in this answer and never again, and is good for 15 minutes',
  access: admin,
  status: 201,
  body: z.strictObject({ name: name.nullish(), tags: tags.default([]), url: z.string().max(500).nullish() }),
  reply: z.object({
    invitation: invitationSchema,
    token: z.string(),
    url: z.string().nullable(),
    command: z.string(),
    warning: z.string().nullable(),
  }),
  async handle({ web, body, caller }) {
    const { url, fingerprint, warning } = await invitingPlace(web.database, body.url || null)
    const wanted = { name: body.name || null, tags: body.tags, by: caller!.name, url, fingerprint }
    const { invitation, token } = await inviteNode(web, wanted)
    return {
      invitation: toJson(invitation),
      token,
      url,
      command: joinCommand(token, url, invitation.name),
      warning,
    }
  },
})

const endInvitationRoute = defineRoute({
  method: 'delete',
  path: '/api/nodes/invitations/:id',
  tag,
  summary: 'End an invitation that nobody has used',
  access: admin,
  params: idParams,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params }) {
    if (await web.database.write((db) => endJoinToken(db, params.id, web.clock.now())))
      return { success: true as const }
    throw new AppError('not_found', `There is no open invitation ${params.id}.`)
  },
})

const addRoute = defineRoute({
  method: 'post',
  path: '/api/nodes',
  tag,
  summary:
    'Add a machine without a node agent; its key, for heartbeats by HTTP, is in this answer and never again',
  access: admin,
  status: 201,
  body: z.strictObject({ name, tags: tags.default([]), ssh: nodeSshSchema.prefault({}) }),
  reply: z.object({ node: nodeSchema, key: z.string() }),
  async handle({ web, body }) {
    const { node, key } = await addScriptNode(web, body)
    return { node: toJson(node), key }
  },
})

const changeRoute = defineRoute({
  method: 'patch',
  path: '/api/nodes/:id',
  tag,
  summary: 'Change tags, limits, maintenance, or how ssh reaches it; what is left out stays',
  access: operator,
  params: nodeParams,
  body: z.strictObject({
    tags: tags.optional(),
    limits: limitsSchema.partial().optional(),
    ssh: nodeSshSchema.partial().optional(),
    maintenance_until: z.number().int().min(0).nullable().optional().describe('epoch ms'),
  }),
  reply: done,
  async handle({ web, params, body }) {
    const node = await getNodeByWord(web.database.kysely, params.id)
    if (body.tags) requireTags(body.tags)
    const change = {
      ...(body.tags && { tags: [...new Set(body.tags)] }),
      ...(body.limits && {
        limits: nodeLimitsSchema.parse({ ...node.limits, ...fromJson(body.limits as Json<object>) }),
      }),
      ...(body.ssh && { ssh: nodeSshSchema.parse({ ...node.ssh, ...body.ssh }) }),
      ...(body.maintenance_until !== undefined && { maintenanceUntil: body.maintenance_until }),
    }
    return changed(await web.database.write((db) => changeNode(db, node.id, change, web.clock.now())))
  },
})

const maintenanceRoute = defineRoute({
  method: 'post',
  path: '/api/nodes/:id/maintenance',
  tag,
  summary: 'No alerts and no new prompts for so many minutes; 0 ends it',
  access: operator,
  params: nodeParams,
  body: z.strictObject({ minutes: z.number().int().min(0).max(525_600).default(60) }),
  reply: done,
  async handle({ web, params, body }) {
    const node = await getNodeByWord(web.database.kysely, params.id)
    const now = web.clock.now()
    const maintenanceUntil = body.minutes === 0 ? null : now + body.minutes * 60_000
    return changed(await web.database.write((db) => changeNode(db, node.id, { maintenanceUntil }, now)))
  },
})

const rotateRoute = defineRoute({
  method: 'post',
  path: '/api/nodes/:id/rotate-key',
  tag,
  summary:
    'Replace the key of a machine: its agent gets another one by itself; for one without an agent it is in this answer',
  access: admin,
  params: nodeParams,
  body: z.strictObject({}).optional(),
  reply: done.extend({ key: z.string().nullable() }),
  async handle({ web, params }) {
    const node = await getNodeByWord(web.database.kysely, params.id)
    if (node.kind !== 'script') await rotateNodeKey(web, node)
    const key = node.kind === 'script' ? await issueNodeKey(web, node) : null
    return { ...changed(await getNode(web.database.kysely, node.id)), key }
  },
})

const revokeRoute = defineRoute({
  method: 'post',
  path: '/api/nodes/:id/revoke',
  tag,
  summary: 'Shut a machine out at once; only an invitation made for it lets it in again',
  access: admin,
  params: nodeParams,
  body: z.strictObject({ reason: z.string().max(500).nullish() }).optional(),
  reply: done,
  async handle({ web, params, body }) {
    const node = await getNodeByWord(web.database.kysely, params.id)
    await revokeNode(web, node, body?.reason || null)
    await web.nodes.watch.refresh()
    return changed(await getNode(web.database.kysely, node.id))
  },
})

const removeRoute = defineRoute({
  method: 'delete',
  path: '/api/nodes/:id',
  tag,
  summary: 'Forget a machine with its keys and figures; its prompts stay',
  access: admin,
  params: nodeParams,
  reply: z.object({ success: z.literal(true) }),
  async handle({ web, params }) {
    const node = await getNodeByWord(web.database.kysely, params.id)
    await forgetNode(web, node)
    await web.nodes.watch.refresh()
    return { success: true as const }
  },
})

const setRulesRoute = defineRoute({
  method: 'put',
  path: '/api/settings/nodes',
  tag,
  summary: 'Settle from when on a machine is in trouble; what is left out stays',
  access: admin,
  body: z.strictObject({
    kinds: z.array(z.enum(alertKinds)).optional(),
    offline_minutes: z.number().optional(),
    disk_percent: z.number().optional(),
    memory_percent: z.number().optional(),
    celsius: z.number().optional(),
    for_minutes: z.number().optional(),
  }),
  reply: z.record(z.string(), z.unknown()),
  async handle({ web, body }) {
    const present = await getAlertRules(web.database.kysely)
    const rules = alertRulesSchema.parse({ ...present, ...fromJson(body as Json<object>) })
    await web.database.write((db) => setAlertRules(db, rules, web.clock.now()))
    return toJson(rules)
  },
})

function changed(node: Node) {
  return { success: true as const, node: toJson(node) }
}

export const changeNodeRoutes: readonly Route[] = [
  inviteRoute,
  endInvitationRoute,
  addRoute,
  changeRoute,
  maintenanceRoute,
  rotateRoute,
  revokeRoute,
  removeRoute,
  setRulesRoute,
]
