import type { EpochMs } from '../../core/clock.ts'
import { AppError, StaleError } from '../../core/errors.ts'
import type { ErrorId } from '../../core/reported-error.ts'
import {
  workLimits,
  type LinkKind,
  type LinkRelation,
  type WorkId,
  type WorkItem,
  type WorkLink,
} from '../../core/work.ts'
import { advanceErrorGroup } from '../error/change.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { findWork, selectWork } from './read.ts'
import { toWorkItem, toWorkLink } from './row.ts'

export interface NewLink {
  kind: LinkKind
  ref: string
  relation: LinkRelation
}

/**
 * One link of an item to each thing: linking it again only changes what it is to the item. What becomes of it with a
 * prompt that was given out for it stays as it was settled then. Throws `conflict` when it has too many.
 */
export async function linkWork(
  db: Db,
  itemId: WorkId,
  link: NewLink,
  by: string,
  now: EpochMs,
): Promise<WorkLink> {
  const isGiven = link.relation === 'review' || link.relation === 'done'
  // Whoever follows prompts can't leave one out because people linked much.
  if (!isGiven) await requireRoom(db, itemId, link)
  const row = await db
    .insertInto('work_links')
    .values({ ...link, item_id: itemId, created_at: now, created_by: by })
    .onConflict((conflict) =>
      conflict.columns(['item_id', 'kind', 'ref']).doUpdateSet((eb) => ({
        relation: isGiven
          ? link.relation
          : eb
              .case()
              .when('work_links.relation', 'in', ['review', 'done'])
              .then(eb.ref('work_links.relation'))
              .else(link.relation)
              .end(),
      })),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
  await announce(db, itemId, 'link', link, now)
  return toWorkLink(row)
}

/** Throws `not_found` when the item has no such link. */
export async function unlinkWork(db: Db, itemId: WorkId, linkId: number, now: EpochMs): Promise<void> {
  const row = await db
    .deleteFrom('work_links')
    .where('id', '=', linkId)
    .where('item_id', '=', itemId)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no such link of item ${itemId}.`)
  const { kind, ref, relation } = row
  await announce(db, itemId, 'unlink', { kind, ref, relation }, now)
}

/** Oldest first. */
export async function linksOfWork(db: Db, itemId: WorkId): Promise<WorkLink[]> {
  const rows = await db
    .selectFrom('work_links')
    .selectAll()
    .where('item_id', '=', itemId)
    .orderBy('id')
    .execute()
  return rows.map(toWorkLink)
}

/** The items that are linked to something, newest first. */
export async function workLinkedTo(db: Db, kind: LinkKind, ref: string): Promise<WorkItem[]> {
  const rows = await selectWork(db)
    .innerJoin('work_links as l', 'l.item_id', 'w.id')
    .where('l.kind', '=', kind)
    .where('l.ref', '=', ref)
    .orderBy('w.id', 'desc')
    .limit(workLimits.links)
    .execute()
  return rows.map(toWorkItem)
}

/** Two clicks, or two people, make one bug of an error. Throws `conflict` with the one that is not finished. */
export async function refuseSecondBug(db: Db, errorId: ErrorId): Promise<void> {
  const linked = await workLinkedTo(db, 'error', String(errorId))
  const bug = linked.find(({ kind, status }) => kind === 'bug' && status !== 'done' && status !== 'closed')
  if (bug)
    throw new StaleError(`Error ${errorId} has the bug ${bug.key} already, which is not finished.`, bug)
}

/** Errors that somebody wanted resolved with this item. */
export async function resolveFixedErrors(db: Db, itemId: WorkId, by: string, now: EpochMs): Promise<void> {
  const rows = await db
    .selectFrom('work_links as l')
    .innerJoin('error_groups as g', (join) =>
      join.on((eb) => eb(eb.cast('g.id', 'text'), '=', eb.ref('l.ref'))),
    )
    .select('g.id')
    .where('l.item_id', '=', itemId)
    .where('l.kind', '=', 'error')
    .where('l.relation', '=', 'fixes')
    .where('g.state', 'in', ['open', 'regressed'])
    .execute()
  for (const { id } of rows) await advanceErrorGroup(db, id, 'resolve', by, now)
}

async function requireRoom(db: Db, itemId: WorkId, { kind, ref }: NewLink) {
  const { count } = await db
    .selectFrom('work_links')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('item_id', '=', itemId)
    .where((eb) => eb.not(eb.and({ kind, ref })))
    .executeTakeFirstOrThrow()
  if (count < workLimits.links) return
  throw new AppError('conflict', `Item ${itemId} has ${count} links, which is the limit.`)
}

async function announce(db: Db, itemId: WorkId, type: 'link' | 'unlink', link: NewLink, now: EpochMs) {
  const item = await findWork(db, itemId)
  const data = { kind: item?.kind, key: item?.key, title: item?.title, link }
  appendEvent(db, { at: now, noun: 'work', nounId: String(itemId), type, data })
}
