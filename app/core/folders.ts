import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The files of one node, as far as rules compare paths there. */
export interface Folders {
  /** The nearest folder above with a repository in it; null when there is none. */
  projectRootOf(dir: string): Promise<string | null>
  /** Where each of these leads, in their order; null where that can't be told, as in a circle of links. */
  realPaths(paths: readonly string[]): Promise<(string | null)[]>
  /** The folder of Architect's own data there, in which nobody is granted anything. */
  ownData(): Promise<string>
}

/** Those of this machine. */
export function foldersHere(dataDir: string): Folders {
  return {
    projectRootOf: async (dir) => projectRootOf(dir),
    realPaths: async (paths) => paths.map(realPathOrNull),
    ownData: async () => resolve(dataDir),
  }
}

function realPathOrNull(path: string): string | null {
  try {
    return realPath(path)
  } catch {
    return null
  }
}

/** The nearest folder above with a repository in it; null when there is none. */
export function projectRootOf(cwd: string): string | null {
  if (!cwd.startsWith('/')) return null
  for (let folder = cwd; folder !== '/'; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
  }
  return null
}

/** As many links as Linux follows on one path. */
const mostLinks = 40

/**
 * Follows links as far as the path exists. One that leads to nothing is followed, too: who writes to it makes the
 * file that it names. Throws for more links than a system follows.
 */
export function realPath(path: string): string {
  let known = path
  let rest = ''
  for (let links = 0; known !== '/' && known !== '.';) {
    const real = unlessMissing(() => realpathSync(known))
    if (real !== null) return join(real, rest)
    const target = linkAt(known)
    if (target !== null && (links += 1) > mostLinks) throw new Error(`${path} leads over too many links`)
    if (target === null) rest = join(known.slice(dirname(known).length), rest)
    known = target === null ? dirname(known) : resolve(realPath(dirname(known)), target)
  }
  return join(known, rest)
}

/** What a link says; null: it is none. */
function linkAt(path: string): string | null {
  const isLink = unlessMissing(() => lstatSync(path))?.isSymbolicLink() ?? false
  return isLink ? readlinkSync(path) : null
}

function unlessMissing<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
}
