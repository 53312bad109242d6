import { lookAtFilesWithGit, lookWithGit } from '../../core/git-look.ts'

/** What git says of a folder. */
export interface GitFacts {
  /** null: no branch, a detached head. */
  branch: string | null
  /** Of `origin`, without user and password; null: there is none. */
  remote: string | null
  /** Changed or new files; null: git took too long to say. */
  isDirty: boolean | null
}

/** null: the folder is not the top of a work tree, or git refuses it, as one of another owner. */
export async function gitFacts(folder: string): Promise<GitFacts | null> {
  const top = await git(folder, ['rev-parse', '--show-toplevel'])
  if (top?.trim() !== folder) return null
  const [branch, remote, status] = await Promise.all([
    git(folder, ['symbolic-ref', '--short', '--quiet', 'HEAD']),
    git(folder, ['config', '--get', 'remote.origin.url']),
    statusOf(folder),
  ])
  return {
    branch: branch?.trim() || null,
    remote: remote === null ? null : withoutCredentials(remote.trim()),
    isDirty: status === null ? null : status !== '',
  }
}

/** The address of a repository as everybody may see it: no user, password, token, and nothing unprintable. */
export function withoutCredentials(remote: string): string {
  const plain = remote.replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 2_000)
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(plain)) return plain.replace(/^[^@/]*:[^@/]*@/, '')
  if (!URL.canParse(plain)) return plain.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '')
  const url = new URL(plain)
  url.username = url.protocol === 'ssh:' && url.password === '' ? url.username : ''
  url.password = ''
  url.search = ''
  url.hash = ''
  return url.href
}

function statusOf(folder: string): Promise<string | null> {
  const args = ['status', '--porcelain', '--untracked-files=normal', '--ignore-submodules=all']
  return lookAtFilesWithGit(folder, args, limits).catch(unsaid)
}

const limits = { timeout: 5_000, maxBuffer: 4_194_304 }

function git(folder: string, args: string[]): Promise<string | null> {
  return lookWithGit(folder, args, limits).catch(unsaid)
}

/** git's way to say no: what it would have told is not known. */
const unsaid = () => null
