import { dirname } from 'node:path'
import { faultOfBranch } from '../../../core/branch.ts'
import type { EpochMs } from '../../../core/clock.ts'
import { isAppError } from '../../../core/errors.ts'
import { maxLockedPaths, type Lock } from '../../../core/lock.ts'
import { listLocks } from '../../../db/lock/read.ts'
import { queueForLocks, saveLock } from '../../../db/lock/write.ts'
import type { Db } from '../../../db/schema.ts'
import { findSessions } from '../../../db/sessions.ts'
import { getBranchRules } from '../../../db/settings.ts'
import { heldByOthers, holderOfBranch, whoHas } from '../holders.ts'
import { knownSession } from '../known-session.ts'
import { normalisePaths } from '../paths.ts'
import { repositoryOf, type Repository } from '../repository.ts'
import type { Tools } from '../../tools.ts'
import type { Entry } from './entries.ts'

type Place = Pick<Tools, 'database' | 'dataDir'> & { node: string }

/**
 * Takes in what a session wrote by shell. It can't be refused any more: what somebody else has is noted, and
 * everything else is locked. `replaces`: the entry was changed by hand, and says all that is locked.
 */
export async function takeIn(place: Place, entry: Entry, now: EpochMs, replaces = false): Promise<void> {
  const { database, node } = place
  const repository = await projectOf(place, entry)
  const { paths, faults } = await readablePaths(entry.files ?? [], repository)
  await database.write(async (db) => {
    await queueForLocks(db)
    const { name: session, ...known } = await knownSession(db, node, entry.session)
    const { project, root } = repository
    const locks = await listLocks(db, { node, project })
    const own = locks.find((lock) => lock.session === session) ?? null
    const held = new Set(heldByOthers(paths, locks, session).map(({ wanted }) => wanted))
    const branch = entry.branch ?? own?.branch ?? repository.branch
    const kept = replaces ? [] : (own?.files.map(({ path }) => path) ?? [])
    const granted = [...new Set([...kept, ...paths.filter((path) => !held.has(path))])].slice(
      0,
      maxLockedPaths,
    )
    const refused = [...new Set([...(replaces ? [] : (own?.refused ?? [])), ...held])].filter(
      (path) => !granted.includes(path),
    )
    const warning =
      [
        ...faults,
        ...(await faultsOf(db, branch, locks, session, now)),
        ...refusedWords(paths, held, locks, session),
      ].join(' ') || null
    const values = { node, project, root, session, ...known, branch, paths: granted, warning, refused }
    if (!own || isNew(own, values)) await saveLock(db, values, now)
  })
}

/** Paths that were refused become theirs when their holder has let go. */
export async function grantFreed({ database }: Place, lock: Lock, now: EpochMs): Promise<boolean> {
  if (lock.refused.length === 0) return false
  return database.write(async (db) => {
    await queueForLocks(db)
    const { node, project, session } = lock
    const locks = await listLocks(db, { node, project })
    const own = locks.find(({ id }) => id === lock.id)
    if (!own) return false
    const held = new Set(heldByOthers(own.refused, locks, session).map(({ wanted }) => wanted))
    const free = own.refused.filter((path) => !held.has(path))
    if (free.length === 0) return false
    const paths = [...own.files.map(({ path }) => path), ...free]
    const refused = own.refused.filter((path) => held.has(path))
    await saveLock(db, { ...own, paths, refused, warning: refused.length > 0 ? own.warning : null }, now)
    return true
  })
}

/** Where the entry says, else where its session works, else the project that the data folder belongs to. */
async function projectOf(
  { database, node, dataDir }: Place,
  { project, session }: Entry,
): Promise<Repository> {
  const [known] = (await findSessions(database.kysely, session)).filter((each) => each.node === node)
  for (const dir of [project, known?.cwd]) {
    if (!dir?.startsWith('/') || dir.includes('\0')) continue
    try {
      return await repositoryOf(dir)
    } catch (error) {
      if (!isAppError(error, 'not_found')) throw error
    }
  }
  return repositoryOf(dirname(dataDir))
}

async function readablePaths(files: readonly string[], repository: Repository) {
  const paths = new Set<string>()
  const faults = new Set<string>()
  for (const file of files.slice(0, maxLockedPaths)) {
    try {
      for (const path of await normalisePaths([file], repository, repository.root)) paths.add(path)
    } catch (error) {
      if (!isAppError(error)) throw error
      faults.add(error.message)
    }
  }
  return { paths: [...paths], faults: [...faults].slice(0, 3) }
}

async function faultsOf(
  db: Db,
  branch: string | null,
  locks: readonly Lock[],
  session: string,
  now: EpochMs,
): Promise<string[]> {
  if (branch === null) return []
  const fault = faultOfBranch(branch, await getBranchRules(db), new Date(now))
  const holder = holderOfBranch(branch, locks, session)
  return [
    ...(fault === null ? [] : [fault]),
    ...(holder ? [`${branch} is also registered by ${holder.session}.`] : []),
  ]
}

function refusedWords(
  paths: readonly string[],
  held: ReadonlySet<string>,
  locks: readonly Lock[],
  session: string,
): string[] {
  return heldByOthers(
    paths.filter((path) => held.has(path)),
    locks,
    session,
  )
    .slice(0, 3)
    .map(({ wanted, holder }) => `${wanted} is locked by ${whoHas(holder)}.`)
}

/** What stands in the file says nothing new most of the time. */
function isNew(
  own: Lock,
  values: Pick<Lock, 'branch' | 'warning' | 'refused'> & { paths: readonly string[] },
): boolean {
  const before = own.files.map(({ path }) => path).toSorted()
  const same =
    own.branch === values.branch &&
    own.warning === values.warning &&
    JSON.stringify(own.refused) === JSON.stringify(values.refused) &&
    JSON.stringify(before) === JSON.stringify([...values.paths].toSorted())
  return !same
}
