import type { Insertable, Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Delivery, Try } from '../../core/notification.ts'
import { fromJson, toJson } from '../columns.ts'
import type { Db, DeliveryRow } from '../schema.ts'

/** Tries that are kept with a message. */
const keptTries = 20

export async function addDelivery(
  db: Db,
  delivery: Pick<
    Insertable<DeliveryRow>,
    'channel_id' | 'message_id' | 'kind' | 'title' | 'count' | 'payload'
  >,
  now: EpochMs,
): Promise<void> {
  await db
    .insertInto('deliveries')
    .values({ ...delivery, state: 'waiting', try_at: now, created_at: now })
    .execute()
  await db
    .updateTable('notification_channels')
    .set({ last_at: now })
    .where('id', '=', delivery.channel_id)
    .execute()
}

/** Takes what is due, and what a process that died left behind, for as long as `leaseMs`. */
export async function claimDeliveries(
  db: Db,
  limit: number,
  leaseMs: number,
  now: EpochMs,
): Promise<Delivery[]> {
  const due = await db
    .selectFrom('deliveries')
    .select('id')
    .where((eb) =>
      eb.or([
        eb.and([eb('state', '=', 'waiting'), eb('try_at', '<=', now)]),
        eb.and([eb('state', '=', 'sending'), eb('lease_until', '<=', now)]),
      ]),
    )
    .orderBy('id')
    .limit(limit)
    .execute()
  const claimed: Delivery[] = []
  for (const { id } of due) {
    const row = await db
      .updateTable('deliveries')
      .set((eb) => ({ state: 'sending', lease_until: now + leaseMs, tries: eb('tries', '+', 1) }))
      .where('id', '=', id)
      .where((eb) => eb.or([eb('state', '=', 'waiting'), eb('lease_until', '<=', now)]))
      .returningAll()
      .executeTakeFirst()
    if (row) claimed.push(toDelivery(row))
  }
  return claimed
}

/** What came of a try; `again` null ends it. A try whose lease somebody else has by now changes nothing. */
export async function recordTry(
  db: Db,
  { id, tries, log }: Delivery,
  outcome: Try & { isSent: boolean; again: EpochMs | null },
): Promise<void> {
  const { at, status, failure, isSent, again } = outcome
  const state = isSent ? 'sent' : again === null ? 'failed' : 'waiting'
  await db
    .updateTable('deliveries')
    .set({
      state,
      status,
      failure,
      lease_until: null,
      ...(again !== null && { try_at: again }),
      ended_at: state === 'waiting' ? null : at,
      log: toJson([...log, { at, status, failure }].slice(-keptTries)),
    })
    .where('id', '=', id)
    .where('tries', '=', tries)
    .where('state', '=', 'sending')
    .execute()
}

/** The newest first. */
export async function listDeliveries(
  db: Db,
  filter: { limit: number; before?: number; channelId?: number },
): Promise<Delivery[]> {
  let query = db.selectFrom('deliveries').selectAll().orderBy('id', 'desc').limit(filter.limit)
  if (filter.before !== undefined) query = query.where('id', '<', filter.before)
  if (filter.channelId !== undefined) query = query.where('channel_id', '=', filter.channelId)
  return (await query.execute()).map(toDelivery)
}

export async function findDelivery(db: Db, messageId: string): Promise<Delivery | null> {
  const row = await db
    .selectFrom('deliveries')
    .selectAll()
    .where('message_id', '=', messageId)
    .executeTakeFirst()
  return row ? toDelivery(row) : null
}

/** Ended ones from before; returns how many went. */
export async function trimDeliveries(db: Db, before: EpochMs): Promise<number> {
  const rows = await db
    .deleteFrom('deliveries')
    .where('ended_at', 'is not', null)
    .where('ended_at', '<', before)
    .returning('id')
    .execute()
  return rows.length
}

function toDelivery(row: Selectable<DeliveryRow>): Delivery {
  return {
    id: row.id,
    channelId: row.channel_id,
    messageId: row.message_id,
    kind: row.kind,
    title: row.title,
    count: row.count,
    payload: row.payload,
    state: row.state,
    tries: row.tries,
    tryAt: row.try_at,
    status: row.status,
    failure: row.failure,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    log: fromJson(row.log),
  }
}
