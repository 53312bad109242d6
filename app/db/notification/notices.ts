import type { Insertable, Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Db, NoticeRow } from '../schema.ts'

/** Something that one channel shall tell. */
export type Notice = Selectable<NoticeRow>
export type NewNotice = Insertable<NoticeRow>

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
