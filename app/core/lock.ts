import type { EpochMs } from './clock.ts'

export type LockId = number

/** What a session does in a repository: its branch, and the paths that nobody else may change meanwhile. */
export interface Lock {
  id: LockId
  node: string
  /** The repository: git's common folder, which all work trees share; outside of git the folder itself. */
  project: string
  /** The folder that the paths are relative to: the session's own work tree. */
  root: string
  session: string
  /** The session and generation whose end ends the lock; null while no session of that name is known. */
  sessionKey: string | null
  generation: string | null
  branch: string | null
  files: LockedFile[]
  /** What is wrong with an entry that came by shell and could not be refused. */
  warning: string | null
  /** Paths that it asked for by shell and that somebody else has; it gets them when they become free. */
  refused: string[]
  startedAt: EpochMs
  changedAt: EpochMs
  /** Its branch can be merged since then. */
  readyAt: EpochMs | null
  /** Since when its session has not been seen. */
  missingSince: EpochMs | null
  /** Number of the view that showed it first; null before. */
  shownIn: number | null
}

export interface LockedFile {
  /** Relative to the project, `/` between the parts; may have `*`, `?` and `**`. */
  path: string
  lockedAt: EpochMs
}

/** Paths of one session: what needs more is a folder. */
export const maxLockedPaths = 500
export const maxLockPathChars = 1_024

/** The lease of a lock outlives its session by this, so that a look that failed ends nothing. */
export const goneGraceMs = 2 * 60_000
/** A lock of a session that nobody has ever seen ends after this, counted from its last change. */
export const unknownSessionMs = 24 * 3_600_000

/** One printable line: what tmux takes for a name, with room for a node before it. */
export function isSessionName(name: string): boolean {
  return name.trim() !== '' && name.length <= 200 && !/[\p{Cc}\u2028\u2029]/u.test(name)
}
