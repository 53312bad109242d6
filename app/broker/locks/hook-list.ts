import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../core/missing.ts'
import { alwaysProtected, type BranchRules } from '../../core/branch.ts'
import type { Lock } from '../../core/lock.ts'

/** Where the commit hook of a project finds what is locked there. */
export function hookListPath(dataDir: string, project: string): string {
  const name = createHash('sha256').update(project).digest('hex').slice(0, 32)
  return join(dataDir, 'locks', 'hooks', `${name}.list`)
}

/**
 * What the commit hook reads: lines with tabs, because it is plain sh. First the process that keeps this: without
 * it nothing is refused. Patterns are those of `case`.
 */
export function hookList(project: string, locks: readonly Lock[], rules: BranchRules, pid: number): string {
  const branches = [...alwaysProtected, ...rules.protectedBranches].map(
    (pattern) => `protected\t${forCase(pattern)}\t\t\t`,
  )
  const files = locks
    .filter((lock) => lock.project === project)
    .flatMap(({ session, branch, files: held }) =>
      held.flatMap(({ path, lockedAt }) => {
        const since = new Date(lockedAt).toLocaleString('sv').slice(0, 16)
        const bare = forCase(path.replace(/\/+$/, ''))
        const who = branch === null ? session : `${session} on ${branch}`
        return [bare, bare === '' ? '*' : `${bare}/*`]
          .filter(Boolean)
          .map((pattern) => ['lock', pattern, session, who, since].join('\t'))
      }),
    )
  return [`pid\t${pid}\t${project}`, ...branches, ...files].join('\n') + '\n'
}

/** Keeps the lists of all projects that have a hook; those that say nothing new are left alone. */
export async function keepHookLists(
  dataDir: string,
  locks: readonly Lock[],
  rules: BranchRules,
): Promise<void> {
  const folder = join(dataDir, 'locks', 'hooks')
  const names = await readdir(folder).catch(unlessMissing([]))
  for (const name of names.filter((each) => each.endsWith('.list'))) {
    const path = join(folder, name)
    const before = await readFile(path, 'utf8')
    const project = before.split('\n')[0]?.split('\t')[2]
    if (!project) continue
    const text = hookList(project, locks, rules, process.pid)
    if (text !== before) await replace(path, text)
  }
}

/** The first list of a project: it refuses nothing before a running assigner has filled it. */
export async function beginHookList(dataDir: string, project: string): Promise<string> {
  const path = hookListPath(dataDir, project)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `pid\t0\t${project}\n`, { flag: 'a' })
  return path
}

export async function endHookList(dataDir: string, project: string): Promise<void> {
  await rm(hookListPath(dataDir, project), { force: true })
}

async function replace(path: string, text: string) {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** Only `*` and `?` mean something in a lock; in `case` brackets and backslashes would, too. */
function forCase(pattern: string): string {
  return pattern.replace(/[[\]\\]/g, '\\$&').replace(/\*\*\/?/g, '*')
}
