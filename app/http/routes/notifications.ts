import { z } from 'zod'
import { openChannel, sendTest } from '../../broker/notifications/channels.ts'
import { channelKinds, noticeKinds, notificationRulesSchema, type Channel } from '../../core/notification.ts'
import { changeChannel, listChannels, removeChannel } from '../../db/notification/channels.ts'
import { listDeliveries } from '../../db/notification/deliveries.ts'
import { getNotificationRules, setNotificationRules } from '../../db/settings.ts'
import { toJson } from '../../json.ts'
import { defineRoute, type Route } from '../route.ts'
import { cursorSchema, idParams, idSchema, limitSchema, pageOf } from '../schemas/list.ts'

const tag = 'Notifications'
const administrator = { role: 'admin', scope: 'admin' } as const
const success = z.object({ success: z.literal(true) })

/** Neither secret nor path and query of an address, which often are one. */
const channelSchema = z.object({
  id: z.number(),
  kind: z.enum(channelKinds),
  name: z.string(),
  goes_to: z.string().nullable().describe('the host that is called'),
  has_secret: z.boolean(),
  kinds: z.array(z.enum(noticeKinds)),
  enabled: z.boolean(),
  allow_private: z.boolean(),
  created_at: z.number(),
  last_at: z.number().nullable(),
})

const listRoute = defineRoute({
  method: 'get',
  path: '/api/notifications/channels',
  tag,
  summary: 'By which ways people are told of what',
  access: administrator,
  reply: pageOf(channelSchema),
  async handle({ web }) {
    const channels = await listChannels(web.database.kysely)
    return { items: channels.map(shown), next_cursor: null }
  },
})

const addRoute = defineRoute({
  method: 'post',
  path: '/api/notifications/channels',
  tag,
  summary: 'Add a way to tell people; a secret that is made is answered this once',
  access: administrator,
  body: z.strictObject({
    kind: z.enum(channelKinds),
    name: z.string().trim().min(1).max(80),
    url: z.string().max(2_000).nullish(),
    secret: z.string().min(1).max(500).nullish(),
    kinds: z.array(z.enum(noticeKinds)).min(1),
    allow_private: z.boolean().default(false),
  }),
  reply: success.extend({ channel: channelSchema, secret: z.string().nullable() }),
  async handle({ web, body }) {
    const { url, secret, allow_private: allowPrivate, kinds, ...rest } = body
    const input = {
      ...rest,
      kinds: [...new Set(kinds)],
      url: url ?? null,
      secret: secret ?? null,
      allowPrivate,
    }
    const opened = await openChannel(web.database, input, web.clock.now())
    return { success: true as const, channel: shown(opened.channel), secret: opened.secret }
  },
})

const changeRoute = defineRoute({
  method: 'patch',
  path: '/api/notifications/channels/:id',
  tag,
  summary: 'Switch a channel on or off, or change what it tells',
  access: administrator,
  params: idParams,
  body: z.strictObject({
    enabled: z.boolean().optional(),
    kinds: z.array(z.enum(noticeKinds)).optional(),
    allow_private: z.boolean().optional(),
  }),
  reply: success.extend({ channel: channelSchema }),
  async handle({ web, params, body }) {
    const { enabled, kinds, allow_private: allowPrivate } = body
    const changes = {
      ...(enabled !== undefined && { enabled }),
      ...(kinds && { kinds }),
      ...(allowPrivate !== undefined && { allowPrivate }),
    }
    const channel = await web.database.write((db) => changeChannel(db, params.id, changes, web.clock.now()))
    return { success: true as const, channel: shown(channel) }
  },
})

const removeRoute = defineRoute({
  method: 'delete',
  path: '/api/notifications/channels/:id',
  tag,
  summary: 'Remove a channel, with what waits for it',
  access: administrator,
  params: idParams,
  reply: success,
  async handle({ web, params }) {
    await web.database.write((db) => removeChannel(db, params.id, web.clock.now()))
    return { success: true as const }
  },
})

const testRoute = defineRoute({
  method: 'post',
  path: '/api/notifications/channels/:id/test',
  tag,
  summary: 'Send a test; what came of it is in the list of messages',
  access: administrator,
  params: idParams,
  reply: success.extend({ message_id: z.string() }),
  async handle({ web, params }) {
    return { success: true as const, message_id: await sendTest(web.database, params.id, web.clock.now()) }
  },
})

const messagesRoute = defineRoute({
  method: 'get',
  path: '/api/notifications',
  tag,
  summary: 'Messages: exactly what was sent, when, and what came of each try; the newest first',
  access: administrator,
  query: z.object({ channel: idSchema.optional(), limit: limitSchema, cursor: cursorSchema }),
  reply: pageOf(z.record(z.string(), z.unknown())),
  async handle({ web, query }) {
    const { channel, limit, cursor } = query
    const deliveries = await listDeliveries(web.database.kysely, {
      limit: limit + 1,
      ...(channel !== undefined && { channelId: channel }),
      ...(cursor !== undefined && { before: cursor }),
    })
    const items = deliveries.slice(0, limit)
    return { items: toJson(items), next_cursor: deliveries.length > limit ? items.at(-1)!.id : null }
  },
})

const rulesBody = z.strictObject({
  quiet: z
    .strictObject({
      from: z.string(),
      to: z.string(),
      time_zone: z.string(),
      urgent_through: z.boolean(),
    })
    .nullable()
    .describe('null: at any hour'),
  public_url: notificationRulesSchema.shape.publicUrl,
})

const getRulesRoute = defineRoute({
  method: 'get',
  path: '/api/settings/notifications',
  tag,
  summary: 'Quiet hours, and the address that links begin with',
  access: administrator,
  reply: rulesBody,
  async handle({ web }) {
    const { quiet, publicUrl } = await getNotificationRules(web.database.kysely)
    return { quiet: quiet && toJson(quiet), public_url: publicUrl }
  },
})

const putRulesRoute = defineRoute({
  method: 'put',
  path: '/api/settings/notifications',
  tag,
  summary: 'Settle quiet hours, and the address that links begin with',
  access: administrator,
  body: rulesBody,
  reply: success,
  async handle({ web, body }) {
    const { quiet, public_url: publicUrl } = body
    const rules = notificationRulesSchema.parse({
      quiet: quiet && {
        from: quiet.from,
        to: quiet.to,
        timeZone: quiet.time_zone,
        urgentThrough: quiet.urgent_through,
      },
      publicUrl,
    })
    await web.database.write((db) => setNotificationRules(db, rules, web.clock.now()))
    return { success: true as const }
  },
})

function shown({ url, ...channel }: Channel) {
  return { ...toJson(channel), goes_to: url === null ? null : new URL(url).host }
}

export const notificationRoutes: readonly Route[] = [
  listRoute,
  addRoute,
  changeRoute,
  removeRoute,
  testRoute,
  messagesRoute,
  getRulesRoute,
  putRulesRoute,
]
