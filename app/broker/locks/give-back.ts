import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Lock } from '../../core/lock.ts'
import { nearest } from '../../core/nearest.ts'
import { getLock, listLocks } from '../../db/lock/read.ts'
import { markReady, queueForLocks, removeLock, saveLock } from '../../db/lock/write.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { knownSession } from './known-session.ts'
import { normalisePaths } from './paths.ts'
import { repositoryOf } from './repository.ts'

/** Which lock: by its number, or by session and the folder that it works in; without a folder its only one. */
export interface LockChoice {
  node: string
  id?: number
  session?: string
  dir?: string
}

/** Gives up some paths of a session, or all of them with its registration. Returns what is left; null: nothing. */
export async function releaseLock(
  database: Database,
  choice: LockChoice & { files?: readonly string[] },
  now: EpochMs,
): Promise<Lock | null> {
  const { files } = choice
  const lock = await chooseLock(database.kysely, choice)
  const repository = { project: lock.project, root: lock.root, branch: null }
  const given = files && (await normalisePaths(files, repository, choice.dir ?? lock.root))
  const left = await database.write(async (db) => {
    await queueForLocks(db)
    if (!given) {
      await removeLock(db, lock, 'released', now)
      return null
    }
    const held = await getLock(db, lock.id)
    const missing = given.find((path) => !held.files.some((file) => file.path === path))
    if (missing !== undefined) {
      throw new AppError(
        'not_found',
        `${held.session} has not locked ${missing}. ${nearest(
          missing,
          held.files.map(({ path }) => path),
        )}`,
      )
    }
    const paths = held.files.map(({ path }) => path).filter((path) => !given.includes(path))
    return saveLock(db, { ...held, paths }, now)
  })
  await database.bus.notify('sessions')
  return left
}

/** Says that a session's branch can be merged; people are told. */
export async function tellReady(
  database: Database,
  choice: LockChoice & { note?: string | null },
  now: EpochMs,
): Promise<Lock> {
  const chosen = await chooseLock(database.kysely, choice)
  if (chosen.branch === null) {
    throw new AppError(
      'conflict',
      `${chosen.session} has no branch registered, so none is ready for merge. Register it: locks take --branch feature/…`,
    )
  }
  const lock = await database.write((db) => markReady(db, chosen, choice.note ?? null, now))
  await database.bus.notify('sessions')
  return lock
}

async function chooseLock(db: Db, { node, id, session, dir }: LockChoice): Promise<Lock> {
  const name = session === undefined ? undefined : (await knownSession(db, node, session)).name
  const project = dir === undefined ? undefined : (await repositoryOf(dir)).project
  const locks = await listLocks(db, {
    ...(id === undefined ? { node } : { id }),
    ...(name !== undefined && { session: name }),
  })
  const [only, ...others] = project === undefined ? locks : locks.filter((lock) => lock.project === project)
  if (!only) {
    const holders = [...new Set((await listLocks(db, { node })).map((lock) => lock.session))]
    throw new AppError(
      'not_found',
      `${name ?? `Lock ${id}`} holds nothing${project ? ` in ${dir}` : ''}. ${nearest(name ?? '', holders)}`,
    )
  }
  if (others.length > 0) {
    const roots = [only, ...others].map(({ root }) => root).join(', ')
    throw new AppError(
      'conflict',
      `${only.session} holds locks in several projects: ${roots}. Say in which: --dir FOLDER.`,
    )
  }
  return only
}
