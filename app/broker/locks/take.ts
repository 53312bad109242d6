import { faultOfBranch } from '../../core/branch.ts'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { isSessionName, maxLockedPaths, type Lock } from '../../core/lock.ts'
import { listLocks } from '../../db/lock/read.ts'
import { queueForLocks, saveLock } from '../../db/lock/write.ts'
import type { Database } from '../../db/open.ts'
import type { Db } from '../../db/schema.ts'
import { getBranchRules } from '../../db/settings.ts'
import { heldByOthers, holderOfBranch, refusalOf, sinceWords, type Held } from './holders.ts'
import { knownSession } from './known-session.ts'
import { requireFilesHere } from './own-files.ts'
import { normalisePaths } from './paths.ts'
import { repositoryOf, type Repository } from './repository.ts'

export interface LockRequest {
  node: string
  /** Name of the session that works there; its key (`node/server/%7`) does as well. */
  session: string
  /** Absolute folder in the project; relative paths count from here. */
  dir: string
  /** Registers this branch for the session; without, the one that is checked out is noted. */
  branch?: string | null
  /** Files, folders and patterns; added to what the session has already. */
  files?: readonly string[]
}

/**
 * Registers a session with its branch and locks paths for it, all of them or none. Throws `conflict` with who
 * holds what since when, `invalid` for a branch against the convention or a path outside of the project.
 */
export async function takeLock(database: Database, request: LockRequest, now: EpochMs): Promise<Lock> {
  requireName(request.session)
  await requireFilesHere(database.kysely, request.node)
  const repository = await repositoryOf(request.dir)
  const wanted = await normalisePaths(request.files ?? [], repository, request.dir)
  const lock = await database.write(async (db) => {
    await queueForLocks(db)
    const { node } = request
    const { name: session, ...known } = await knownSession(db, node, request.session)
    const locks = await listLocks(db, { node, project: repository.project })
    const own = locks.find((each) => each.session === session)
    const branch = request.branch ?? repository.branch ?? own?.branch ?? null
    await requireBranch(db, branch, now)
    if (request.branch) requireFreeBranch(request.branch, locks, session, now)
    requireFree(heldByOthers(wanted, locks, session), now)
    const paths = [...new Set([...(own?.files.map(({ path }) => path) ?? []), ...wanted])]
    requireFew(paths)
    const { project, root } = repository
    const refused = (own?.refused ?? []).filter((path) => !paths.includes(path))
    return saveLock(
      db,
      { node, project, root, session, ...known, branch, paths, warning: null, refused },
      now,
    )
  })
  await database.bus.notify('sessions')
  return lock
}

/** Who would be in the way: nothing is changed. */
export async function checkLocks(
  database: Database,
  request: LockRequest,
  now: EpochMs,
): Promise<{ held: Held[]; branchFault: string | null; repository: Repository }> {
  await requireFilesHere(database.kysely, request.node)
  const repository = await repositoryOf(request.dir)
  const wanted = await normalisePaths(request.files ?? [], repository, request.dir)
  const db = database.kysely
  const { name } = await knownSession(db, request.node, request.session)
  const locks = await listLocks(db, { node: request.node, project: repository.project })
  const branch = request.branch ?? null
  const branchFault = branch === null ? null : faultOfBranch(branch, await getBranchRules(db), new Date(now))
  return { held: heldByOthers(wanted, locks, name), branchFault, repository }
}

function requireName(session: string) {
  if (isSessionName(session)) return
  throw new AppError('invalid', `${JSON.stringify(session.slice(0, 80))} can't be the name of a session.`)
}

async function requireBranch(db: Db, branch: string | null, now: EpochMs) {
  const fault = branch === null ? null : faultOfBranch(branch, await getBranchRules(db), new Date(now))
  if (fault !== null) throw new AppError('invalid', fault)
}

function requireFreeBranch(branch: string, locks: readonly Lock[], session: string, now: EpochMs) {
  const holder = holderOfBranch(branch, locks, session)
  if (!holder) return
  throw new AppError(
    'conflict',
    `The branch ${branch} is registered by ${holder.session} since ${sinceWords(holder.startedAt, now)}. ` +
      'Make one of your own, or leave the branch out to lock files beside that session.',
  )
}

function requireFree(held: readonly Held[], now: EpochMs) {
  if (held.length > 0) throw new AppError('conflict', refusalOf(held, now))
}

function requireFew(paths: readonly string[]) {
  if (paths.length <= maxLockedPaths) return
  throw new AppError(
    'invalid',
    `A session can lock ${maxLockedPaths} paths, not ${paths.length}; lock a folder instead.`,
  )
}
