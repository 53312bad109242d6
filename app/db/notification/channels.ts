import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Channel, ChannelKind, NoticeKind } from '../../core/notification.ts'
import { fromJson, toFlag, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { ChannelRow, Db } from '../schema.ts'

export interface ChannelValues {
  kind: ChannelKind
  name: string
  url: string | null
  secret: string | null
  kinds: readonly NoticeKind[]
  enabled: boolean
  allowPrivate: boolean
}

export async function listChannels(db: Db): Promise<Channel[]> {
  const rows = await db.selectFrom('notification_channels').selectAll().orderBy('id').execute()
  return rows.map(toChannel)
}

/** With its secret, for whoever sends. null: it was removed. */
export async function findChannel(db: Db, id: number): Promise<(Channel & { secret: string | null }) | null> {
  const row = await db.selectFrom('notification_channels').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? { ...toChannel(row), secret: row.secret } : null
}

/** Throws `conflict` when there is one of this name. */
export async function addChannel(db: Db, values: ChannelValues, now: EpochMs): Promise<Channel> {
  const row = await db
    .insertInto('notification_channels')
    .values({ ...columnsOf(values), created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('conflict', `There is a channel "${values.name}" already.`)
  tell(db, row.id, 'add', row, now)
  return toChannel(row)
}

/** Changes what is given; the secret stays unless another one comes. */
export async function changeChannel(
  db: Db,
  id: number,
  changes: Partial<Pick<ChannelValues, 'enabled' | 'kinds' | 'allowPrivate'>>,
  now: EpochMs,
): Promise<Channel> {
  const { enabled, kinds, allowPrivate } = changes
  const row = await db
    .updateTable('notification_channels')
    .set((eb) => ({
      ...(enabled !== undefined && { enabled: toFlag(enabled) }),
      ...(kinds && { kinds: toJson([...kinds]) }),
      ...(allowPrivate !== undefined && { allow_private: toFlag(allowPrivate) }),
      created_at: eb.ref('created_at'),
    }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw missing(id)
  tell(db, id, 'change', row, now)
  return toChannel(row)
}

/** What waits for it goes with it. */
export async function removeChannel(db: Db, id: number, now: EpochMs): Promise<void> {
  const row = await db
    .deleteFrom('notification_channels')
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw missing(id)
  for (const table of ['notices', 'deliveries'] as const) {
    await db.deleteFrom(table).where('channel_id', '=', id).execute()
  }
  tell(db, id, 'remove', row, now)
}

export function missing(id: number): AppError {
  return new AppError('not_found', `There is no channel ${id}. See which there are: notifications list.`)
}

/** Neither address nor secret: an address may be one. */
function tell(
  db: Db,
  id: number,
  type: string,
  { kind, name }: Pick<ChannelRow, 'kind' | 'name'>,
  now: EpochMs,
) {
  const data = { name, kind, what: 'channel' }
  appendEvent(db, { at: now, noun: 'notification', nounId: `channel-${id}`, type: `channel_${type}`, data })
}

function columnsOf({ kind, name, url, secret, kinds, enabled, allowPrivate }: ChannelValues) {
  const flags = { enabled: toFlag(enabled), allow_private: toFlag(allowPrivate) }
  return { kind, name, url, secret, kinds: toJson([...kinds]), ...flags }
}

function toChannel(row: Selectable<ChannelRow>): Channel {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    url: row.url,
    hasSecret: row.secret !== null,
    kinds: fromJson(row.kinds),
    enabled: row.enabled === 1,
    allowPrivate: row.allow_private === 1,
    createdAt: row.created_at,
    lastAt: row.last_at,
  }
}
