import type { Insertable, Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Db, NoticeRow } from '../schema.ts'

/** Something that one channel shall tell. */
export type Notice = Selectable<NoticeRow>
export type NewNotice = Insertable<NoticeRow>

/** Where a reader of the event log goes on; null: it has never read. */
export async function readCursor(db: Db, name: string): Promise<number | null> {
  const row = await db
    .selectFrom('event_cursors')
    .select('cursor')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.cursor ?? null
}

/** Begins at the end of the log, unless somebody began already. */
export async function startCursor(db: Db, name: string, cursor: number): Promise<void> {
  await db
    .insertInto('event_cursors')
    .values({ name, cursor })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

/** false: another process read these events; nothing of this write may be kept. */
export async function moveCursor(db: Db, name: string, from: number, to: number): Promise<boolean> {
  const row = await db
    .updateTable('event_cursors')
    .set({ cursor: to })
    .where('name', '=', name)
    .where('cursor', '=', from)
    .returning('name')
    .executeTakeFirst()
  return row !== undefined
}

/** The same event is told once in each channel. */
export async function addNotices(db: Db, notices: readonly NewNotice[]): Promise<void> {
  for (const notice of notices) {
    await db
      .insertInto('notices')
      .values(notice)
      .onConflict((conflict) => conflict.columns(['channel_id', 'event_id']).doNothing())
      .execute()
  }
}

/** More than these are told by the next message. */
const most = 500

export function dueNotices(db: Db, now: EpochMs): Promise<Notice[]> {
  return db.selectFrom('notices').selectAll().where('due_at', '<=', now).orderBy('id').limit(most).execute()
}

/** Returns those that were still there. */
export async function dropNotices(db: Db, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return []
  const rows = await db
    .deleteFrom('notices')
    .where('id', 'in', [...ids])
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

export async function postponeNotices(db: Db, ids: readonly number[], until: EpochMs): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('notices')
    .set({ due_at: until })
    .where('id', 'in', [...ids])
    .execute()
}
