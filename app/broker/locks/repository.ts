import { execFile } from 'node:child_process'
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../core/errors.ts'

const run = promisify(execFile)
const gitWithinMs = 5_000

/** Where somebody works: locks are shared by all work trees of a repository, paths are relative to one of them. */
export interface Repository {
  /** git's common folder, which every work tree has in common; outside of git the folder itself. */
  project: string
  /** Top of the work tree that the folder is in. */
  root: string
  /** null: not in git, or on no branch. */
  branch: string | null
}

/** Throws `not_found` when there is no such folder. */
export async function repositoryOf(dir: string): Promise<Repository> {
  const folder = await realpath(dir).catch(unlessAbsent)
  if (folder === null || !(await stat(folder)).isDirectory()) {
    throw new AppError('not_found', `There is no folder ${dir}. Give the folder of the project.`)
  }
  const [root, common] = (await git(folder, ['rev-parse', '--show-toplevel', '--git-common-dir'])) ?? []
  if (root === undefined || common === undefined) return { project: folder, root: folder, branch: null }
  const [branch = null] = (await git(folder, ['symbolic-ref', '--short', '--quiet', 'HEAD'])) ?? []
  return { project: await realpath(resolve(folder, common)), root: await realpath(root), branch }
}

/** For `.catch()`: null for what is not there, or not for us, which is the same to who asks. */
export function unlessAbsent(error: NodeJS.ErrnoException): null {
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(error.code ?? '')) return null
  throw error
}

/** Tops of all work trees of the repository that `dir` is in. */
export async function workTreesOf(dir: string): Promise<string[]> {
  const lines = (await git(dir, ['worktree', 'list', '--porcelain'])) ?? []
  return lines.flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []))
}

/**
 * Lines of the answer; null: git is not installed, or says that there is no such thing. Throws `unavailable` when
 * it does not say: a repository that is taken for a plain folder would be locked by two sessions at once.
 */
export async function git(dir: string, args: readonly string[]): Promise<string[] | null> {
  try {
    const { stdout } = await run('git', ['-C', dir, ...args], {
      timeout: gitWithinMs,
      env: {
        ...process.env,
        LC_ALL: 'C',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_DIR: undefined,
        GIT_WORK_TREE: undefined,
      },
    })
    return stdout.split('\n').filter((line) => line !== '')
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string }
    const saysNo = code === 'ENOENT' || (typeof code === 'number' && !/dubious ownership/.test(stderr))
    if (saysNo) return null
    const why = stderr.split('\n')[0] || `no answer within ${gitWithinMs / 1_000} s`
    throw new AppError('unavailable', `git can't say what ${dir} belongs to (${why}). Try again.`, {
      cause: error,
    })
  }
}
