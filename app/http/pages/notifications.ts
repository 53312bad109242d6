import { noticeKinds } from '../../core/notification.ts'
import { listChannels } from '../../db/notification/channels.ts'
import { listDeliveries } from '../../db/notification/deliveries.ts'
import { getNotificationRules } from '../../db/settings.ts'
import { definePage, type Page } from '../page.ts'
import { settingsTabs } from './settings.ts'

const shownMessages = 20

/** How people are told: channels, quiet hours, and what was sent. */
export const notificationsPage: Page = definePage({
  path: '/settings/notifications',
  name: 'notifications',
  area: 'settings',
  access: { role: 'admin', scope: 'admin' },
  topics: ['queue'],
  async load({ web, caller }) {
    const db = web.database.kysely
    const channels = await listChannels(db)
    const names = Object.fromEntries(channels.map(({ id, name }) => [id, name]))
    const messages = await listDeliveries(db, { limit: shownMessages })
    return {
      title: 'Notifications',
      tabs: settingsTabs(caller, 'notifications'),
      kinds: noticeKinds,
      // An address may be a secret: its host tells enough.
      channels: channels.map(({ url, ...channel }) => ({
        ...channel,
        host: url === null ? null : new URL(url).host,
      })),
      messages: messages.map((message) => ({ ...message, channel: names[message.channelId] ?? 'removed' })),
      rules: await getNotificationRules(db),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }
  },
})
