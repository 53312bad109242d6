import { z } from 'zod'
import { alertRulesSchema } from '../../../core/node-alert.ts'
import { figureNames } from '../../../core/metric-figures.ts'
import { nodeStates } from '../../../core/node.ts'
import { listAlerts } from '../../../db/node/alerts.ts'
import { listJoinTokens } from '../../../db/node/join-tokens.ts'
import { listNodeKeys } from '../../../db/node/keys.ts'
import { countNodes, getNodeByWord, listNodes } from '../../../db/node/read.ts'
import { getAlertRules } from '../../../db/settings.ts'
import { toJson } from '../../../json.ts'
import { nodesNow, type NodeNow } from '../../../nodes/now.ts'
import { defineRoute, type Route } from '../../route.ts'
import { cursorSchema, limitSchema, pageOf, severalOf } from '../../schemas/list.ts'
import { invitationSchema, nodeAlertSchema, nodeKeySchema, nodeNowSchema } from '../../schemas/node.ts'
import { nodeParams, spans } from './words.ts'

const tag = 'Nodes'
const viewer = { role: 'viewer', scope: 'read' } as const

const listRoute = defineRoute({
  method: 'get',
  path: '/api/nodes',
  tag,
  summary: 'Machines by name, with how they are doing; `cursor` is how many to step over',
  access: viewer,
  query: z.object({
    state: severalOf(nodeStates),
    tag: z.string().max(40).optional(),
    q: z.string().max(200).optional(),
    limit: limitSchema,
    cursor: cursorSchema,
  }),
  reply: pageOf(nodeNowSchema).extend({ total: z.number() }),
  async handle({ web, query }) {
    const { state, tag: wanted, q, limit, cursor: offset = 0 } = query
    const filter = {
      ...(state && { states: state }),
      ...(wanted !== undefined && { tag: wanted }),
      ...(q !== undefined && { text: q }),
    }
    const db = web.database.kysely
    const total = await countNodes(db, filter)
    const nodes = await nodesNow(db, web.nodes.watch, await listNodes(db, filter, { limit, offset }))
    const next = offset + nodes.length
    return { items: nodes.map(nodeJson), total, next_cursor: next < total ? next : null }
  },
})

const showRoute = defineRoute({
  method: 'get',
  path: '/api/nodes/:id',
  tag,
  summary: 'One machine, by its number or name',
  access: viewer,
  params: nodeParams,
  reply: nodeNowSchema,
  async handle({ web, params }) {
    const db = web.database.kysely
    const [node] = await nodesNow(db, web.nodes.watch, [await getNodeByWord(db, params.id)])
    return nodeJson(node!)
  },
})

const column = z.array(z.number().nullable())

const metricsRoute = defineRoute({
  method: 'get',
  path: '/api/nodes/:id/metrics',
  tag,
  summary: 'Figures of a machine over time: the mean and the highest of each step, as columns of a chart',
  access: viewer,
  params: nodeParams,
  query: z.object({ span: z.enum(['1h', '24h', '7d', '90d']).default('1h'), figure: severalOf(figureNames) }),
  reply: z.object({
    step_ms: z.number(),
    times: z.array(z.number()),
    figures: z.record(z.string(), z.object({ mean: column, highest: column })),
  }),
  async handle({ web, params, query }) {
    const { id } = await getNodeByWord(web.database.kysely, params.id)
    const now = web.clock.now()
    const from = now - spans[query.span]
    const { stepMs, times, figures } = await web.nodes.metrics.series(id, from, now, query.figure)
    return { step_ms: stepMs, times, figures }
  },
})

const keysRoute = defineRoute({
  method: 'get',
  path: '/api/nodes/:id/keys',
  tag,
  summary: 'Keys of a machine without their secrets, the newest first',
  access: { role: 'admin', scope: 'admin' },
  params: nodeParams,
  reply: pageOf(nodeKeySchema),
  async handle({ web, params }) {
    const { id } = await getNodeByWord(web.database.kysely, params.id)
    return { items: toJson(await listNodeKeys(web.database.kysely, id)), next_cursor: null }
  },
})

const invitationsRoute = defineRoute({
  method: 'get',
  path: '/api/nodes/invitations',
  tag,
  summary: 'Invitations of the last week without their secrets, the newest first',
  access: { role: 'admin', scope: 'admin' },
  reply: pageOf(invitationSchema),
  handle: async ({ web }) => ({
    items: toJson(await listJoinTokens(web.database.kysely)),
    next_cursor: null,
  }),
})

const alertsRoute = defineRoute({
  method: 'get',
  path: '/api/nodes/alerts',
  tag,
  summary: 'What is wrong with machines, the newest first; with state=all what was, too',
  access: viewer,
  query: z.object({ state: z.enum(['open', 'all']).default('open'), limit: limitSchema }),
  reply: pageOf(nodeAlertSchema),
  async handle({ web, query: { state, limit } }) {
    const alerts = await listAlerts(web.database.kysely, { limit, ...(state === 'open' && { open: true }) })
    return { items: toJson(alerts), next_cursor: null }
  },
})

const rulesRoute = defineRoute({
  method: 'get',
  path: '/api/settings/nodes',
  tag,
  summary: 'From when on a machine is in trouble',
  access: viewer,
  reply: z.record(z.string(), z.unknown()),
  handle: async ({ web }) => toJson(alertRulesSchema.parse(await getAlertRules(web.database.kysely))),
})

function nodeJson({ latest, ...node }: NodeNow) {
  return { ...toJson(node), latest }
}

/** Fixed words before `:id`: Express takes the first that fits. */
export const readNodeRoutes: readonly Route[] = [
  invitationsRoute,
  alertsRoute,
  listRoute,
  metricsRoute,
  keysRoute,
  showRoute,
  rulesRoute,
]
