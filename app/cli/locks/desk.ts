import { resolve } from 'node:path'
import { releaseLock, tellReady } from '../../broker/locks/give-back.ts'
import type { Held } from '../../broker/locks/holders.ts'
import { repositoryOf } from '../../broker/locks/repository.ts'
import { checkLocks, takeLock } from '../../broker/locks/take.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { Lock } from '../../core/lock.ts'
import { listLocks } from '../../db/lock/read.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { UsageError } from '../failure.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'
import { whoAmI } from './whoami.ts'

/** The locks of one machine. Folders are those of that machine. */
export interface LockDesk {
  /** Absolute; what was not given is where the command runs, which only this machine knows. */
  folder(given: string | undefined): string
  /** The session that a command is for: as given, or the one that it runs in. */
  session(given: string | undefined): Promise<string>
  /** Those of the project that the folder is in; of all projects without one. */
  list(dir: string | null): Promise<Lock[]>
  take(request: LockWish & { files: string[]; branch: string | null }): Promise<Lock>
  /** With '' for a session nobody in particular asks. */
  check(request: LockWish & { files: string[]; branch: string | null }): Promise<Checked>
  /** Without files all of them, with the registration. Returns what is left. */
  release(request: LockWish & { files?: string[] }): Promise<Lock | null>
  ready(request: LockWish & { note: string | null }): Promise<Lock>
}

export interface LockWish {
  session: string
  dir: string
}

export interface Checked {
  held: HeldPath[]
  branchFault: string | null
}

/** A path that was asked for, and who has locked which path that is in its way. */
export interface HeldPath {
  wanted: string
  path: string
  session: string
  branch: string | null
  since: EpochMs
}

export const lockDesks: Sides<LockDesk> = { local: localLocks, remote: remoteLocks }

function localLocks(records: Records): LockDesk {
  const { config, database, clock } = records
  const { node } = config
  return {
    folder: (given) => resolve(given ?? '.'),
    session: (given) => whoAmI(records, given),
    async list(dir) {
      const project = dir === null ? {} : { project: (await repositoryOf(dir)).project }
      return listLocks(database.kysely, { node, ...project })
    },
    take: (request) => takeLock(database, { ...request, node }, clock.now()),
    async check(request) {
      const { held, branchFault } = await checkLocks(database, { ...request, node }, clock.now())
      return { held: held.map(heldPath), branchFault }
    },
    release: (request) => releaseLock(database, { ...request, node }, clock.now()),
    ready: (request) => tellReady(database, { ...request, node }, clock.now()),
  }
}

function heldPath({ wanted, path, holder, since }: Held): HeldPath {
  return { wanted, path, session: holder.session, branch: holder.branch, since }
}

function remoteLocks(dashboard: Dashboard): LockDesk {
  const change = (path: string, body: object) =>
    dashboard.send<{ lock: Json<Lock>; left: Json<Lock> | null }>('POST', path, body)
  return {
    folder: (given) => folderThere(dashboard, given),
    session: (given) => Promise.resolve(sessionThere(dashboard, given)),
    async list(dir) {
      const { items } = await dashboard.get<{ items: Json<Lock>[] }>(
        '/api/locks',
        dir === null ? {} : { dir },
      )
      return fromJson<Lock[]>(items)
    },
    take: async (request) => fromJson<Lock>((await change('/api/locks', request)).lock),
    async check({ files, branch, session, dir }) {
      const query = { dir, file: files, ...(session && { session }), ...(branch !== null && { branch }) }
      const { held, branchFault } = fromJson<Checked>(await dashboard.get('/api/locks/check', query))
      return { held, branchFault }
    },
    async release(request) {
      const { left } = await change('/api/locks/release', request)
      return left && fromJson<Lock>(left)
    },
    ready: async (request) => fromJson<Lock>((await change('/api/locks/ready', request)).lock),
  }
}

function folderThere({ url }: Dashboard, given: string | undefined): string {
  if (given?.startsWith('/')) return given
  throw new UsageError(`Name the project by its folder on the machine of ${url}: --dir /home/…`)
}

/** On another machine nobody knows where this command runs. Throws `UsageError`. */
export function sessionThere({ url }: Dashboard, given: string | undefined): string {
  if (given !== undefined) return given
  throw new UsageError(`Say for which session of ${url}: --session NAME. ./deploy.sh sessions lists them.`)
}
