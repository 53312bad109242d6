import type { GitChanges, GitState } from '../core/attempt.ts'
import type { Checkouts } from '../core/checkouts.ts'
import { lookAtFilesWithGit, lookWithGit } from '../core/git-look.ts'

/** A huge checkout must not hold up a session; what takes longer is not recorded. */
const gitWithinMs = 5_000
const maxStatusChars = 20_000
const maxListed = 200
const limits = { timeout: gitWithinMs, maxBuffer: 16 * 1024 * 1024 }

const statusForm = ['--porcelain=v1', '--untracked-files=normal']
/** A submodule's own settings are not looked through: that it is at another commit is seen without them. */
const notInside = ['--ignore-submodules=dirty']

/** The checkouts of this machine. */
export const localCheckouts: Checkouts = { stateOf, changesOf }

async function stateOf(dir: string): Promise<GitState | null> {
  const status = await told(lookAtFilesWithGit(dir, ['status', ...statusForm, ...notInside], limits))
  if (status === null) return null
  const head = await git(dir, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return { head: head?.trim() || null, status: status.slice(0, maxStatusChars) }
}

async function changesOf(dir: string, before: GitState, after: GitState): Promise<GitChanges> {
  const commits = await commitsBetween(dir, before.head, after.head)
  const base = before.head ?? emptyTree
  const diff = ['diff', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv', ...notInside, base]
  const numstat = (await told(lookAtFilesWithGit(dir, diff, limits))) ?? ''
  const lines = numstat.split('\n').filter(Boolean).map(readNumstat)
  const files = new Set(changedStatus(before.status, after.status))
  if (before.head !== after.head) for (const { file } of lines) files.add(file)
  const counted = lines.filter(({ file }) => files.has(file))
  return {
    commits: commits.slice(0, maxListed),
    files: [...files].sort().slice(0, maxListed),
    addedLines: sum(counted.map(({ added }) => added)),
    removedLines: sum(counted.map(({ removed }) => removed)),
  }
}

/** git's own name for "nothing", so that a first commit has something to be compared with. */
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

async function commitsBetween(dir: string, from: string | null, to: string | null): Promise<string[]> {
  if (to === null || from === to) return []
  const range = from === null ? to : `${from}..${to}`
  const listed = await git(dir, ['log', '--format=%h %s', `--max-count=${maxListed}`, range])
  return listed?.split('\n').filter(Boolean) ?? []
}

/** Files whose `git status` line is new or different. */
function changedStatus(before: string, after: string): string[] {
  const known = new Set(before.split('\n'))
  return after
    .split('\n')
    .filter((line) => line !== '' && !known.has(line))
    .map((line) => line.slice(3).replace(/^.* -> /, ''))
}

function readNumstat(line: string): { added: number; removed: number; file: string } {
  const [added, removed, ...file] = line.split('\t')
  return { added: Number(added) || 0, removed: Number(removed) || 0, file: file.join('\t') }
}

const git = (dir: string, args: string[]) => told(lookWithGit(dir, args, limits))

/** null: git is missing, the folder is no checkout, or it took too long. */
function told(answer: Promise<string>): Promise<string | null> {
  return answer.catch(() => null)
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
