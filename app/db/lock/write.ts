import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Lock, LockId } from '../../core/lock.ts'
import { toJson } from '../columns.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getLock } from './read.ts'

/** What a session holds in a repository after a change. */
export type LockValues = Pick<
  Lock,
  'node' | 'project' | 'root' | 'session' | 'sessionKey' | 'generation' | 'branch' | 'warning' | 'refused'
> & { paths: readonly string[] }

/**
 * Those who ask for paths follow one another to the end of their transactions: whether two overlap is seen by
 * reading what is held. SQLite has one writer at a time anyway.
 */
export async function queueForLocks(db: Db): Promise<void> {
  if (dialectOf(db) === 'postgres') await sql`select pg_advisory_xact_lock(${lockOfLocks})`.execute(db)
}

/** Any number that nothing else in this database locks. */
const lockOfLocks = 4_707_002

/** Stores what a session holds now, as one row for it in this repository; the event says what is new. */
export async function saveLock(db: Db, values: LockValues, now: EpochMs): Promise<Lock> {
  const { paths, sessionKey, node, project, session, generation, branch, warning, root } = values
  const columns = {
    root,
    session_key: sessionKey,
    generation,
    branch,
    warning,
    refused: toJson(values.refused),
    changed_at: now,
    ready_at: null,
    missing_since: null,
  }
  const { id } = await db
    .insertInto('locks')
    .values({ node, project, session, started_at: now, ...columns })
    .onConflict((conflict) => conflict.columns(['node', 'project', 'session']).doUpdateSet(columns))
    .returning('id')
    .executeTakeFirstOrThrow()
  await keepPaths(db, id, paths, now)
  const data = { session, branch, project, paths: paths.slice(0, shownPaths), count: paths.length }
  const notes = { ...(warning && { warning }), ...(values.refused.length > 0 && { refused: values.refused }) }
  appendEvent(db, { at: now, noun: 'lock', nounId: String(id), type: 'take', data: { ...data, ...notes } })
  return getLock(db, id)
}

/** Gives up everything that a session holds in a repository. Does nothing when it is gone already. */
export async function removeLock(
  db: Db,
  { id, session, project, branch }: Lock,
  reason: string,
  now: EpochMs,
): Promise<boolean> {
  const row = await db.deleteFrom('locks').where('id', '=', id).returning('id').executeTakeFirst()
  if (!row) return false
  await db.deleteFrom('lock_files').where('lock_id', '=', id).execute()
  const data = { session, project, branch, reason }
  appendEvent(db, { at: now, noun: 'lock', nounId: String(id), type: 'release', data })
  return true
}

/** The branch is finished; the session keeps its paths until it releases them or ends. */
export async function markReady(
  db: Db,
  { id, session, project, branch }: Lock,
  note: string | null,
  now: EpochMs,
): Promise<Lock> {
  await db.updateTable('locks').set({ ready_at: now, changed_at: now }).where('id', '=', id).execute()
  const data = { session, project, branch, ...(note !== null && { note }) }
  appendEvent(db, { at: now, noun: 'lock', nounId: String(id), type: 'ready', data })
  return getLock(db, id)
}

/** How its session is seen now; no news for anybody. */
export async function noteSession(
  db: Db,
  id: LockId,
  seen: Pick<Lock, 'sessionKey' | 'generation' | 'missingSince'>,
): Promise<void> {
  await db
    .updateTable('locks')
    .set({ session_key: seen.sessionKey, generation: seen.generation, missing_since: seen.missingSince })
    .where('id', '=', id)
    .execute()
}

/** These stand in the view from its number `view` on. */
export async function noteShown(db: Db, ids: readonly LockId[], view: number): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('locks')
    .set({ shown_in: view })
    .where('id', 'in', ids)
    .where('shown_in', 'is', null)
    .execute()
}

/** An event's row is no place for hundreds of names. */
const shownPaths = 20

/** Those that stay keep their time. */
async function keepPaths(db: Db, id: LockId, paths: readonly string[], now: EpochMs) {
  let gone = db.deleteFrom('lock_files').where('lock_id', '=', id)
  if (paths.length > 0) gone = gone.where('path', 'not in', [...paths])
  await gone.execute()
  if (paths.length === 0) return
  await db
    .insertInto('lock_files')
    .values(paths.map((path) => ({ lock_id: id, path, locked_at: now })))
    .onConflict((conflict) => conflict.columns(['lock_id', 'path']).doNothing())
    .execute()
}
