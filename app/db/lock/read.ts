import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Lock, LockedFile, LockId } from '../../core/lock.ts'
import { fromJson } from '../columns.ts'
import type { Db, LockRow } from '../schema.ts'

export interface LockFilter {
  node?: string
  project?: string
  session?: string
  id?: LockId
}

/** All that are held, the oldest first. */
export async function listLocks(db: Db, filter: LockFilter = {}): Promise<Lock[]> {
  let query = db.selectFrom('locks').selectAll().orderBy('id')
  if (filter.node !== undefined) query = query.where('node', '=', filter.node)
  if (filter.project !== undefined) query = query.where('project', '=', filter.project)
  if (filter.session !== undefined) query = query.where('session', '=', filter.session)
  if (filter.id !== undefined) query = query.where('id', '=', filter.id)
  const rows = await query.execute()
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const files = await db
    .selectFrom('lock_files')
    .selectAll()
    .where('lock_id', 'in', ids)
    .orderBy('path')
    .execute()
  const byLock = groupFiles(files)
  return rows.map((row) => toLock(row, (byLock.get(row.id) ?? []).map(toFile)))
}

/** Throws `not_found`. */
export async function getLock(db: Db, id: LockId): Promise<Lock> {
  const [lock] = await listLocks(db, { id })
  if (!lock) throw new AppError('not_found', `There is no lock ${id}; it may have been released.`)
  return lock
}

function groupFiles<File extends { lock_id: LockId }>(files: readonly File[]): Map<LockId, File[]> {
  const groups = new Map<LockId, File[]>()
  for (const file of files) {
    const group = groups.get(file.lock_id)
    if (group) group.push(file)
    else groups.set(file.lock_id, [file])
  }
  return groups
}

function toFile({ path, locked_at }: { path: string; locked_at: EpochMs }): LockedFile {
  return { path, lockedAt: locked_at }
}

function toLock(row: Selectable<LockRow>, files: LockedFile[]): Lock {
  return {
    id: row.id,
    node: row.node,
    project: row.project,
    root: row.root,
    session: row.session,
    sessionKey: row.session_key,
    generation: row.generation,
    branch: row.branch,
    files,
    warning: row.warning,
    refused: fromJson(row.refused),
    startedAt: row.started_at,
    changedAt: row.changed_at,
    readyAt: row.ready_at,
    missingSince: row.missing_since,
    shownIn: row.shown_in,
  }
}
