import { resolve } from 'node:path'
import { releaseLock, tellReady } from '../../broker/locks/give-back.ts'
import { refusalOf } from '../../broker/locks/holders.ts'
import { repositoryOf } from '../../broker/locks/repository.ts'
import { checkLocks, takeLock } from '../../broker/locks/take.ts'
import type { Lock } from '../../core/lock.ts'
import { listLocks } from '../../db/lock/read.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withDatabase } from '../with.ts'
import type { LockOptions } from './command.ts'
import { showLocks } from './table.ts'
import { whoAmI } from './whoami.ts'

const folderOf = ({ dir }: LockOptions) => resolve(dir ?? '.')

export async function listHere(options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ config, database }) => {
    const { project } = options.all ? { project: undefined } : await repositoryOf(folderOf(options))
    const locks = await listLocks(database.kysely, {
      node: config.node,
      ...(project !== undefined && { project }),
    })
    if (output.json) output.document({ items: toJson(locks), next_cursor: null })
    else showLocks(output, locks, Date.now())
  })
}

export async function takeHere(paths: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { config, database, clock } = records
    const session = await whoAmI(records, options.session)
    const request = {
      node: config.node,
      session,
      dir: folderOf(options),
      files: paths,
      branch: options.branch ?? null,
    }
    const lock = await takeLock(database, request, clock.now())
    if (output.json) output.document(toJson(lock))
    else output.line(`${describe(lock)}.`)
  })
}

export async function checkHere(paths: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { config, database, clock } = records
    const session = await whoAmI(records, options.session ?? '')
    const request = {
      node: config.node,
      session,
      dir: folderOf(options),
      files: paths,
      branch: options.branch ?? null,
    }
    const { held, branchFault } = await checkLocks(database, request, clock.now())
    const isFree = held.length === 0 && branchFault === null
    if (!isFree) process.exitCode = 1
    if (output.json) return output.document({ free: isFree, held: toJson(held), branch_fault: branchFault })
    if (branchFault !== null) output.line(branchFault)
    if (held.length > 0) output.line(refusalOf(held, clock.now()))
    if (isFree) output.line('Free.')
  })
}

export async function releaseHere(paths: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { config, database, clock } = records
    const session = await whoAmI(records, options.session)
    const choice = {
      node: config.node,
      session,
      dir: folderOf(options),
      ...(paths.length > 0 && { files: paths }),
    }
    const left = await releaseLock(database, choice, clock.now())
    if (output.json) output.document({ left: left && toJson(left) })
    else output.line(left ? `Released. ${describe(left)}.` : `${session} holds nothing any more.`)
  })
}

export async function readyHere(options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { config, database, clock } = records
    const session = await whoAmI(records, options.session)
    const choice = { node: config.node, session, dir: folderOf(options), note: options.note ?? null }
    const lock = await tellReady(database, choice, clock.now())
    if (output.json) output.document(toJson(lock))
    else output.line(`${lock.branch} of ${lock.session} is ready for merge; people are told.`)
  })
}

function describe({ session, branch, files }: Lock): string {
  const where = branch === null ? '' : ` works on ${branch} and`
  const paths = files.map(({ path }) => path || './').slice(0, 10)
  const more = files.length > paths.length ? ` and ${files.length - paths.length} more` : ''
  return `${session}${where} has locked ${paths.length === 0 ? 'no files' : `${paths.join(', ')}${more}`}`
}
