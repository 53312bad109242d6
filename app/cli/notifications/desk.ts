import { openChannel, sendTest } from '../../broker/notifications/channels.ts'
import { sendDeliveries } from '../../broker/notifications/send.ts'
import type { Channel, ChannelKind, Delivery, NoticeKind } from '../../core/notification.ts'
import { listChannels, removeChannel } from '../../db/notification/channels.ts'
import { findDelivery, listDeliveries } from '../../db/notification/deliveries.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { assignerRuns } from '../assigner/start.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'

/** By which ways the people of one machine are told. */
export interface NotificationDesk {
  channels(): Promise<ShownChannel[]>
  /** The secret is what was made for a webhook; null: none was. */
  open(channel: WantedChannel): Promise<{ channel: ShownChannel; secret: string | null }>
  remove(id: number): Promise<void>
  /** Returns the message by which `delivery` finds what came of it. */
  test(id: number): Promise<string>
  /** null: it is not there (any more). Where nothing else sends, this does. */
  delivery(channelId: number, messageId: string): Promise<Delivery | null>
  /** The newest first. */
  sent(limit: number): Promise<Delivery[]>
}

export interface WantedChannel {
  kind: ChannelKind
  name: string
  url: string | null
  secret: string | null
  kinds: NoticeKind[]
  allowPrivate: boolean
}

/** Its address may be a secret: only the host is shown. */
export type ShownChannel = Omit<Channel, 'url'> & { goesTo: string | null }

export const notificationDesks: Sides<NotificationDesk> = {
  local: localNotifications,
  remote: remoteNotifications,
}

function localNotifications({ config, database, clock }: Records): NotificationDesk {
  return {
    channels: async () => (await listChannels(database.kysely)).map(shown),
    async open(wanted) {
      const { channel, secret } = await openChannel(database, wanted, clock.now())
      return { channel: shown(channel), secret }
    },
    remove: (id) => database.write((db) => removeChannel(db, id, clock.now())),
    test: (id) => sendTest(database, id, clock.now()),
    async delivery(_channelId, messageId) {
      if (!assignerRuns(config)) await sendDeliveries({ database, clock })
      return findDelivery(database.kysely, messageId)
    },
    sent: (limit) => listDeliveries(database.kysely, { limit }),
  }
}

function shown({ url, ...channel }: Channel): ShownChannel {
  return { ...channel, goesTo: url === null ? null : new URL(url).host }
}

/** Messages of one channel among which a test is looked for; it is one of the last. */
const lastMessages = 50
const pageSize = 200

function remoteNotifications(dashboard: Dashboard): NotificationDesk {
  const path = '/api/notifications/channels'
  const messages = async (query: Record<string, number>) => {
    const { items } = await dashboard.get<{ items: Json<Delivery>[] }>('/api/notifications', query)
    return fromJson<Delivery[]>(items)
  }
  return {
    async channels() {
      const { items } = await dashboard.get<{ items: Json<ShownChannel>[] }>(path)
      return fromJson<ShownChannel[]>(items)
    },
    async open({ allowPrivate, ...wanted }) {
      const body = { ...wanted, allow_private: allowPrivate }
      const reply = await dashboard.send<{ channel: Json<ShownChannel>; secret: string | null }>(
        'POST',
        path,
        body,
      )
      return { channel: fromJson<ShownChannel>(reply.channel), secret: reply.secret }
    },
    remove: async (id) => void (await dashboard.send('DELETE', `${path}/${id}`)),
    test: async (id) =>
      (await dashboard.send<{ message_id: string }>('POST', `${path}/${id}/test`)).message_id,
    async delivery(channel, messageId) {
      const found = await messages({ channel, limit: lastMessages })
      return found.find((message) => message.messageId === messageId) ?? null
    },
    sent: (limit) => messages({ limit: Math.min(limit, pageSize) }),
  }
}
