import type { EpochMs } from '../../core/clock.ts'
import type { Lock } from '../../core/lock.ts'
import { pathsOverlap } from '../../core/overlap.ts'

/** A path that somebody asks for, and who has it. */
export interface Held {
  /** As it was asked for. */
  wanted: string
  /** What the holder has locked: the same path, a folder above, a pattern. */
  path: string
  holder: Lock
  since: EpochMs
}

/** Which of the wanted paths are locked by others; `locks` are those of one project. */
export function heldByOthers(wanted: readonly string[], locks: readonly Lock[], session: string): Held[] {
  const others = locks.filter((lock) => lock.session !== session)
  return wanted.flatMap((path) => holderOf(path, others) ?? [])
}

/** The other session that registered this branch; null when nobody did. */
export function holderOfBranch(branch: string, locks: readonly Lock[], session: string): Lock | null {
  const name = branch.toLowerCase()
  return locks.find((lock) => lock.session !== session && lock.branch?.toLowerCase() === name) ?? null
}

/** More than these are counted. */
const namedPaths = 5

/** What has to be known of a lock to say who has it. */
type HeldBySomebody = Omit<Held, 'holder'> & { holder: Pick<Lock, 'session' | 'branch'> }

/** Who has it, since when, and what to do, as a sentence. */
export function refusalOf(held: readonly HeldBySomebody[], now: EpochMs): string {
  const named = held.slice(0, namedPaths).map((each) => `${describeHeld(each, now)}.`)
  const more = held.length > namedPaths ? ` ${held.length - namedPaths} more are locked as well.` : ''
  return `${named.join(' ')}${more} Nothing was locked: wait until it is released, ask the person, or work on something else.`
}

function describeHeld({ wanted, path, holder, since }: HeldBySomebody, now: EpochMs): string {
  const through = path === wanted ? '' : ` (by its lock on ${path || './'})`
  return `${wanted} is locked by ${whoHas(holder)}${through} since ${sinceWords(since, now)}`
}

export function whoHas({ session, branch }: Pick<Lock, 'session' | 'branch'>): string {
  return branch === null ? session : `${session} on ${branch}`
}

/** `2026-11-21 14:02 (12 min ago)`, in local time. */
export function sinceWords(since: EpochMs, now: EpochMs): string {
  const minutes = Math.max(0, Math.round((now - since) / 60_000))
  const ago = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
  return `${new Date(since).toLocaleString('sv').slice(0, 16)} (${ago} ago)`
}

function holderOf(wanted: string, others: readonly Lock[]): Held | null {
  for (const holder of others) {
    const file = holder.files.find(({ path }) => pathsOverlap(path, wanted))
    if (file) return { wanted, path: file.path, holder, since: file.lockedAt }
  }
  return null
}
