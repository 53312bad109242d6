import { randomUUID } from 'node:crypto'
import type { EpochMs } from '../../core/clock.ts'
import {
  coalesceMs,
  type Channel,
  type Delivery,
  type NoticeKind,
  type NotificationRules,
} from '../../core/notification.ts'
import { listChannels } from '../../db/notification/channels.ts'
import { addDelivery } from '../../db/notification/deliveries.ts'
import { dropNotices, dueNotices, postponeNotices, type Notice } from '../../db/notification/notices.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { getNotificationRules } from '../../db/settings.ts'
import { payloadFor, type MessageText } from './payload.ts'
import { toldAt } from './quiet-hours.ts'
import { stillHolds } from './still-holds.ts'

/** Puts what is due into one message for each channel; a flood becomes one message with a count. */
export async function composeDeliveries(database: Database, now: EpochMs): Promise<void> {
  const due = await dueNotices(database.kysely, now)
  if (due.length === 0) return
  const rules = await getNotificationRules(database.kysely)
  for (const channel of await listChannels(database.kysely)) {
    const own = due.filter(({ channel_id }) => channel_id === channel.id)
    if (own.length > 0) await composeFor(database, channel, own, rules, now)
  }
}

async function composeFor(
  database: Database,
  channel: Channel,
  due: readonly Notice[],
  rules: NotificationRules,
  now: EpochMs,
) {
  if (channel.lastAt !== null && channel.lastAt + coalesceMs > now) return
  await database.write(async (db) => {
    const held = due.filter(({ kind }) => toldAt(kind, rules, now) > now)
    for (const notice of held) await postponeNotices(db, [notice.id], toldAt(notice.kind, rules, now))
    const ready = due.filter((notice) => !held.includes(notice))
    const taken = await dropNotices(
      db,
      ready.map(({ id }) => id),
    )
    // What another process took in this moment, it tells; what was due when somebody switched the channel off is not told.
    const own = channel.enabled ? ready.filter(({ id }) => taken.includes(id)) : []
    const kept = await whatHolds(db, own)
    if (kept.length > 0) await queueMessage(db, channel, textOf(kept, rules), now)
  })
}

/** Stores a message for a channel exactly as it will be sent; returns its id, the same with every try. */
export async function queueMessage(
  db: Db,
  channel: Channel,
  text: MessageText,
  now: EpochMs,
): Promise<string> {
  const messageId = `msg_${randomUUID().replaceAll('-', '')}`
  const { kind, title, count } = text
  const payload = payloadFor(channel, text, now)
  await addDelivery(db, { channel_id: channel.id, message_id: messageId, kind, title, count, payload }, now)
  return messageId
}

async function whatHolds(db: Db, notices: readonly Notice[]): Promise<Notice[]> {
  const kept: Notice[] = []
  for (const notice of notices) if (await stillHolds(db, notice)) kept.push(notice)
  return kept
}

/** Lines of one message; the rest is a count. */
const shownLines = 8

/** The most urgent kind gives its name to the whole. */
function textOf(notices: readonly Notice[], { publicUrl }: NotificationRules): MessageText {
  const order = ['needs_person', 'node', 'failed', 'ready', 'done'] as const
  const kind = order.find((each) => notices.some((notice) => notice.kind === each))!
  const [only, ...others] = notices
  const items = notices.map(({ title, path }) => ({ title, path }))
  if (only && others.length === 0)
    return { kind, title: only.title, body: only.body, path: only.path, count: 1, items, publicUrl }
  const rest = notices.length - shownLines
  const lines = items.slice(0, shownLines).map(({ title }) => title)
  return {
    kind,
    title: `${notices.length} × ${order
      .filter((each) => notices.some((notice) => notice.kind === each))
      .map((each) => wordsOf[each])
      .join(', ')}`,
    body: [...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n'),
    path: pathOf[kind],
    count: notices.length,
    items: items.slice(0, shownLines),
    publicUrl,
  }
}

const pathOf: Record<NoticeKind, string> = {
  needs_person: '/needs-you',
  node: '/nodes',
  failed: '/queue',
  ready: '/queue',
  done: '/queue',
}

const wordsOf: Record<Exclude<Delivery['kind'], 'test'>, string> = {
  needs_person: 'waiting for you',
  node: 'about machines',
  failed: 'failed',
  ready: 'ready for merge',
  done: 'done',
}
