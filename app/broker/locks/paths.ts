import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { maxLockedPaths, maxLockPathChars } from '../../core/lock.ts'
import { unlessAbsent, workTreesOf, type Repository } from './repository.ts'

/** Patterns of one session: each is compared with all that others hold. */
const maxPatterns = 50

/**
 * Paths as people give them, relative to `dir`, as they are kept: relative to the work tree, symbolic links
 * followed, `.` and `..` resolved; a folder that exists, or ends in a slash, means everything in it. Throws
 * `invalid` for what is outside of the project or too much.
 */
export async function normalisePaths(
  given: readonly string[],
  repository: Repository,
  dir: string,
): Promise<string[]> {
  if (given.length > maxLockedPaths) {
    throw new AppError(
      'invalid',
      `${given.length} paths are too many to lock one by one (${maxLockedPaths} at most); lock their folder.`,
    )
  }
  const paths = new Set<string>()
  for (const path of given) paths.add(await normalisePath(path, repository, dir))
  const patterns = [...paths].filter(isPattern)
  if (patterns.length > maxPatterns) {
    throw new AppError(
      'invalid',
      `${patterns.length} patterns are too many (${maxPatterns} at most); lock a folder instead.`,
    )
  }
  return [...paths]
}

/** What no file that can be locked has in its name; lists of locks are lines of text. */
// eslint-disable-next-line no-control-regex -- it is what is looked for
const unprintable = /[\u0000-\u001f\u007f\u2028\u2029\ufffd]/

async function normalisePath(given: string, repository: Repository, dir: string): Promise<string> {
  if (given.trim() === '' || given.length > maxLockPathChars || unprintable.test(given)) {
    throw new AppError(
      'invalid',
      `${JSON.stringify(given.slice(0, 80))} can't be locked: a path has 1 to ${maxLockPathChars} printable characters.`,
    )
  }
  const { fixed, pattern } = splitPattern(isAbsolute(given) ? resolve(given) : resolve(dir, given))
  const real = await realpathOf(fixed)
  const root = await rootOf(real, repository)
  if (root === null) {
    throw new AppError(
      'invalid',
      `${given} is outside of the project ${repository.root}; only what is in it can be locked.`,
    )
  }
  const inside = [...relative(root, real).split(sep), ...pattern].filter(Boolean).join('/')
  const isFolder = pattern.length === 0 && (given.endsWith('/') || (await isDirectory(real)))
  return isFolder || inside === '' ? `${inside}/` : inside
}

export function isPattern(path: string): boolean {
  return /[*?]/.test(path)
}

/** A link is followed up to the first part that is a pattern. */
function splitPattern(path: string): { fixed: string; pattern: string[] } {
  const parts = path.split(sep)
  const first = parts.findIndex(isPattern)
  if (first < 0) return { fixed: path, pattern: [] }
  return { fixed: parts.slice(0, first).join(sep) || sep, pattern: parts.slice(first) }
}

/** What does not exist yet has the real path of the nearest folder above it. */
async function realpathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    const { code } = error as NodeJS.ErrnoException
    if (parent === path || code === 'ELOOP')
      throw new AppError('invalid', `${path} leads nowhere: its links form a circle.`, { cause: error })
    return join(await realpathOf(parent), basename(path))
  }
}

/** The same file in another work tree of the repository is the same path. null: in none of them. */
async function rootOf(real: string, { root }: Repository): Promise<string | null> {
  if (isInside(real, root)) return root
  const others = await workTreesOf(root)
  return others.find((other) => isInside(real, other)) ?? null
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch(unlessAbsent)
  return found?.isDirectory() ?? false
}
