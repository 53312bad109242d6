import type { Db } from './schema.ts'

/** Where a reader of the event log goes on; null: it has never read. */
export async function readCursor(db: Db, name: string): Promise<number | null> {
  const row = await db
    .selectFrom('event_cursors')
    .select('cursor')
    .where('name', '=', name)
    .executeTakeFirst()
  return row?.cursor ?? null
}

/** Begins at this place of the log, unless somebody began already. */
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
