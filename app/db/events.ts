import { sql } from 'kysely'
import type { Actor } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent, Noun } from '../core/event.ts'
import { takeActor } from './by.ts'
import { fromJson, toJson } from './columns.ts'
import { dialectOf } from './dialect.ts'
import { compileOnce } from './hot.ts'
import type { Db, EventRow } from './schema.ts'

export type NewEvent = Omit<LoggedEvent, 'id' | 'actor'>

/**
 * Adds a row to the log, at the end of the write that `db` belongs to. Only inside `Database.write`, which
 * stores it together with the change that it tells of, or not at all.
 */
export function appendEvent(db: Db, event: NewEvent): void {
  const pending = pendingEvents.get(db)
  if (!pending) throw new Error(`The event "${event.type}" was appended outside of Database.write.`)
  pending.push(event)
}

/** The events after a cursor, oldest first; of one noun, or of one thing, when asked for. */
export async function eventsAfter(
  db: Db,
  cursor: number,
  filter: { limit: number; noun?: Noun; nounId?: string },
): Promise<LoggedEvent[]> {
  let query = db.selectFrom('events').selectAll().where('id', '>', cursor).orderBy('id').limit(filter.limit)
  if (filter.noun !== undefined) query = query.where('noun', '=', filter.noun)
  if (filter.nounId !== undefined) query = query.where('noun_id', '=', filter.nounId)
  return (await query.execute()).map(toEvent)
}

/** The id of the newest event; 0 when there is none. */
export async function latestCursor(db: Db): Promise<number> {
  const [row] = await selectLatest(db, {})
  return row?.id ?? 0
}

const selectLatest = compileOnce((db) => db.selectFrom('events').select('id').orderBy('id', 'desc').limit(1))

/** The id of the oldest event that is still kept; 0 when there is none. */
export async function oldestCursor(db: Db): Promise<number> {
  const row = await db.selectFrom('events').select('id').orderBy('id').limit(1).executeTakeFirst()
  return row?.id ?? 0
}

/** From here on `db` takes events. */
export function openEventBuffer(db: Db): void {
  pendingEvents.set(db, [])
}

export function dropEvents(db: Db): void {
  const pending = pendingEvents.get(db)
  takeActor(db)
  if (pending) pending.length = 0
}

/**
 * Stores what was appended; returns whether there was anything. Several processes write to PostgreSQL at the
 * same time: the lock, held to the end of the transaction, makes ids appear in their own order, so that
 * nobody who follows the log steps over an event that is committed late.
 */
export async function storeEvents(db: Db): Promise<boolean> {
  const actor = takeActor(db)
  const events = pendingEvents.get(db)
  if (!events || events.length === 0) return false
  if (dialectOf(db) === 'postgres') await sql`select pg_advisory_xact_lock(${eventLock})`.execute(db)
  for (const { at, noun, nounId, type, data } of events) {
    await insertEvent(db, { at, noun, nounId, type, data: toJson(data), ...columnsOf(actor) })
  }
  events.length = 0
  return true
}

const pendingEvents = new WeakMap<Db, NewEvent[]>()

/** Any number that nothing else in this database locks. */
const eventLock = 4_707_001

type ActorColumns = Pick<EventRow, 'actor_kind' | 'actor_name' | 'address'>

function columnsOf(actor: Actor | null): ActorColumns {
  return { actor_kind: actor?.kind ?? null, actor_name: actor?.name ?? null, address: actor?.address ?? null }
}

const insertEvent = compileOnce((db, p: Omit<NewEvent, 'data'> & Pick<EventRow, 'data'> & ActorColumns) =>
  db.insertInto('events').values({
    at: p.at,
    noun: p.noun,
    noun_id: p.nounId,
    type: p.type,
    data: p.data,
    actor_kind: p.actor_kind,
    actor_name: p.actor_name,
    address: p.address,
  }),
)

type StoredEvent = Omit<EventRow, 'id'> & { id: number; at: EpochMs }

export function toEvent(row: StoredEvent): LoggedEvent {
  const { id, at, noun, noun_id, type, data, actor_kind, actor_name, address } = row
  const actor = actor_kind === null ? null : { kind: actor_kind, name: actor_name ?? '', address }
  return { id, at, noun, nounId: noun_id, type, data: fromJson(data), actor }
}
