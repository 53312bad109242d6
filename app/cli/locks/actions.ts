import { refusalOf } from '../../broker/locks/holders.ts'
import type { Lock } from '../../core/lock.ts'
import { toJson } from '../../json.ts'
import { openOutput } from '../output/output.ts'
import { withSide } from '../with.ts'
import type { LockOptions } from './command.ts'
import { lockDesks, type HeldPath, type LockDesk } from './desk.ts'
import { showLocks } from './table.ts'

export async function listHere(options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(lockDesks, async (desk) => {
    const locks = await desk.list(options.all ? null : desk.folder(options.dir))
    if (output.json) output.document({ items: toJson(locks), next_cursor: null })
    else showLocks(output, locks, Date.now())
  })
}

export async function takeHere(files: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(lockDesks, async (desk) => {
    const lock = await desk.take({ ...(await wishOf(desk, options)), files, branch: options.branch ?? null })
    if (output.json) output.document(toJson(lock))
    else output.line(`${describe(lock)}.`)
  })
}

export async function checkHere(files: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(lockDesks, async (desk) => {
    const wish = await wishOf(desk, { ...options, session: options.session ?? '' })
    const { held, branchFault } = await desk.check({ ...wish, files, branch: options.branch ?? null })
    const isFree = held.length === 0 && branchFault === null
    if (!isFree) process.exitCode = 1
    if (output.json) return output.document({ free: isFree, held: toJson(held), branch_fault: branchFault })
    if (branchFault !== null) output.line(branchFault)
    if (held.length > 0) output.line(refusalOf(held.map(byHolder), Date.now()))
    if (isFree) output.line('Free.')
  })
}

export async function releaseHere(files: string[], options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(lockDesks, async (desk) => {
    const wish = await wishOf(desk, options)
    const left = await desk.release({ ...wish, ...(files.length > 0 && { files }) })
    if (output.json) output.document({ left: left && toJson(left) })
    else output.line(left ? `Released. ${describe(left)}.` : `${wish.session} holds nothing any more.`)
  })
}

export async function readyHere(options: LockOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(lockDesks, async (desk) => {
    const lock = await desk.ready({ ...(await wishOf(desk, options)), note: options.note ?? null })
    if (output.json) output.document(toJson(lock))
    else output.line(`${lock.branch} of ${lock.session} is ready for merge; people are told.`)
  })
}

async function wishOf(desk: LockDesk, { session, dir }: LockOptions) {
  return { session: await desk.session(session), dir: desk.folder(dir) }
}

function byHolder({ session, branch, ...rest }: HeldPath) {
  return { ...rest, holder: { session, branch } }
}

function describe({ session, branch, files }: Lock): string {
  const where = branch === null ? '' : ` works on ${branch} and`
  const paths = files.map(({ path }) => path || './').slice(0, 10)
  const more = files.length > paths.length ? ` and ${files.length - paths.length} more` : ''
  return `${session}${where} has locked ${paths.length === 0 ? 'no files' : `${paths.join(', ')}${more}`}`
}
