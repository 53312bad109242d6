import { resolve } from 'node:path/posix'
import type { DecisionContext } from './context.ts'
import type { ShellWord } from './shell/simple-command.ts'

/** A path that something may touch, absolute; `~/…` stays as it is, because the session's home is not known. */
export type TouchedPath = string

/** Every path that a program could take from this word: the word itself, an option's value, a part after `:` or `@`. */
export function pathsOfWord(
  { value, home }: Pick<ShellWord, 'value' | 'home'>,
  folders: string[],
): TouchedPath[] {
  if (value === null) return []
  if (home) return [value]
  const pieces = value.split(/[=:,@]/)
  const attached = /^-[^-=/]*(\/.*)$/.exec(pieces[0] ?? '')
  const candidates = [
    ...pieces.filter((piece, index) => index > 0 || !piece.startsWith('-')),
    attached?.[1] ?? '',
  ]
  if (!value.startsWith('-')) candidates.push(value)
  const named = [...new Set(candidates)].filter((piece) => piece !== '')
  return named.flatMap((piece) => absolute(piece, folders))
}

/** `path` as seen from each folder. */
export function absolute(path: string, folders: string[]): TouchedPath[] {
  if (path.startsWith('~')) return [path]
  if (path.startsWith('/')) return [keepUncertain(path, path)]
  return folders.map((folder) => keepUncertain(path, resolve(folder, path)))
}

/** The path lies in the project, whatever links are on the way. */
export function isInside(path: TouchedPath, { projectRoot, realPath }: DecisionContext): boolean {
  if (projectRoot === null || path.startsWith('~') || path.startsWith(uncertain)) return false
  if (!isBelow(path, projectRoot)) return false
  return realPath === undefined || isBelow(realPath(path), realPath(projectRoot))
}

export function isBelow(path: string, folder: string): boolean {
  const plain = resolve(path)
  const root = resolve(folder)
  return root !== '/' && (plain === root || plain.startsWith(`${root}/`))
}

const uncertain = '?'

/** After a link, `..` leads elsewhere than the text says: `link/../x` is nowhere that could be told. */
function keepUncertain(written: string, resolved: string): TouchedPath {
  const steps = written.split('/').filter((step) => step !== '' && step !== '.')
  const climbsAfterName = steps.some((step, index) => step === '..' && index > 0 && steps[index - 1] !== '..')
  return climbsAfterName ? `${uncertain}${resolved}` : resolve(resolved)
}

/** The path without the mark of uncertainty: good for denials. */
export function likelyPath(path: TouchedPath): string {
  return path.startsWith(uncertain) ? resolve(path.slice(1)) : path
}
