import type { EpochMs } from '../../core/clock.ts'
import type { LoggedEvent } from '../../core/event.ts'
import type { Channel, NotificationRules } from '../../core/notification.ts'
import { eventsAfter, latestCursor } from '../../db/events.ts'
import { listChannels } from '../../db/notification/channels.ts'
import { moveCursor, readCursor, startCursor } from '../../db/event-cursors.ts'
import { addNotices, type NewNotice } from '../../db/notification/notices.ts'
import type { Database } from '../../db/open.ts'
import { getNotificationRules } from '../../db/settings.ts'
import { noticeOf } from './notices.ts'
import { toldAt } from './quiet-hours.ts'

const cursorName = 'notifications'
const pageSize = 500

/**
 * Reads the event log from where it was read last, and notes for each channel what it has to tell. The notes and
 * the new place in the log are stored together: a process that dies neither loses nor doubles any.
 */
export async function collectNotices(database: Database, now: EpochMs): Promise<void> {
  const db = database.kysely
  const start = await readCursor(db, cursorName)
  if (start === null) {
    // What happened before there was anybody to tell is no news.
    const end = await latestCursor(db)
    await database.write((tx) => startCursor(tx, cursorName, end))
    return
  }
  for (let cursor = start; ;) {
    const events = await eventsAfter(db, cursor, { limit: pageSize })
    const last = events.at(-1)
    if (!last) return
    const next = await collectPage(database, events, cursor, last.id, now)
    if (!next || events.length < pageSize) return
    cursor = last.id
  }
}

/** false: another process was faster. */
async function collectPage(
  database: Database,
  events: readonly LoggedEvent[],
  from: number,
  to: number,
  now: EpochMs,
): Promise<boolean> {
  const channels = (await listChannels(database.kysely)).filter(({ enabled }) => enabled)
  const rules = await getNotificationRules(database.kysely)
  const notices = channels.flatMap((channel) =>
    events.flatMap((event) => noticeFor(channel, event, rules, now) ?? []),
  )
  return database.write(async (db) => {
    if (!(await moveCursor(db, cursorName, from, to))) return false
    await addNotices(db, notices)
    return true
  })
}

/** Longer ones are cut: they go to telephones. */
const most = { title: 200, body: 500 }

function noticeFor(
  channel: Channel,
  event: LoggedEvent,
  rules: NotificationRules,
  now: EpochMs,
): NewNotice | null {
  const text = noticeOf(event)
  if (!text || !channel.kinds.includes(text.kind)) return null
  return {
    channel_id: channel.id,
    kind: text.kind,
    event_id: event.id,
    noun: event.noun,
    noun_id: event.nounId,
    title: text.title.slice(0, most.title),
    body: text.body.slice(0, most.body),
    path: text.path,
    at: event.at,
    due_at: toldAt(text.kind, rules, Math.max(now, event.at + text.waitMs)),
  }
}
