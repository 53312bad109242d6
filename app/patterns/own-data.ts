import { join } from 'node:path/posix'
import type { DecisionContext } from './context.ts'
import { isBelow, likelyPath, type TouchedPath } from './paths.ts'

/** What sessions are asked to append to by shell (`views/docs/locks.md`). */
const sharedFile = 'locks/active_sessions.json'

/**
 * Whether a path may lie in Architect's data folder: its rules, its agents' files, its hooks and its first password
 * are there, so that who writes or reads them could approve anything. A glob lies there if one of its names does.
 */
export function isOwnData(path: TouchedPath, { dataDir, realPath }: DecisionContext): boolean {
  if (dataDir === undefined) return false
  const plain = likelyPath(path)
  if (plain === join(dataDir, sharedFile)) return false
  return mayBeBelow(plain, dataDir) || (realPath !== undefined && isBelow(realPath(plain), realPath(dataDir)))
}

/** Name by name, because the shell replaces globs by names that are there. */
function mayBeBelow(path: string, folder: string): boolean {
  const names = path.split('/')
  return folder.split('/').every((name, index) => nameMayBe(names[index], name))
}

function nameMayBe(glob: string | undefined, name: string): boolean {
  if (glob === undefined || !/[*?[]/.test(glob)) return glob === name
  const parts = glob
    .split(/(\*|\?|\[[^\]]*\])/)
    .map((part) => (/^[*?[]/.test(part) ? '.*' : part.replaceAll(/[\\^$.+()|{}\]]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}$`, 's').test(name)
}
