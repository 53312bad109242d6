import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { workLimits, type WorkComment, type WorkId, type WorkItem } from '../../core/work.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toWorkComment } from './row.ts'

/** Throws `conflict` when it has too many. */
export async function addComment(
  db: Db,
  item: Pick<WorkItem, 'id' | 'key' | 'kind' | 'title'>,
  { author, body }: Pick<WorkComment, 'author' | 'body'>,
  now: EpochMs,
): Promise<WorkComment> {
  const { id, key, kind, title } = item
  await requireRoom(db, item)
  const row = await db
    .insertInto('work_comments')
    .values({ item_id: id, at: now, author, body })
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { kind, key, title, comment: body.slice(0, shownChars).toWellFormed() }
  appendEvent(db, { at: now, noun: 'work', nounId: String(id), type: 'comment', data })
  return toWorkComment(row)
}

/** Oldest first. */
export async function commentsOfWork(
  db: Db,
  itemId: WorkId,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<WorkComment[]> {
  const rows = await db
    .selectFrom('work_comments')
    .selectAll()
    .where('item_id', '=', itemId)
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(toWorkComment)
}

/** An event's row is no place for a text of many pages. */
const shownChars = 200

async function requireRoom(db: Db, { id, key }: Pick<WorkItem, 'id' | 'key'>) {
  const { count } = await db
    .selectFrom('work_comments')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('item_id', '=', id)
    .executeTakeFirstOrThrow()
  if (count < workLimits.comments) return
  throw new AppError('conflict', `${key} has ${count} comments, which is the limit.`)
}
