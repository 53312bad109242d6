import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/*
 * What git says of a folder that somebody else may have filled. Settings of a repository name programs that a mere look
 * would start: whoever may only write files there, as an agent under rules, would run them with our rights. Here none
 * is started. All of it rejects as `execFile` does.
 */

export interface LookLimits {
  /** In ms. */
  timeout: number
  /** Of the answer, in bytes. */
  maxBuffer: number
}

/** For questions about commits, names and settings. */
export function lookWithGit(dir: string, args: readonly string[], limits: LookLimits): Promise<string> {
  return git(dir, args, limits, {})
}

/** For questions that read files of the work tree, which filters would change on their way. */
export async function lookAtFilesWithGit(
  dir: string,
  args: readonly string[],
  limits: LookLimits,
): Promise<string> {
  return git(dir, args, limits, await withoutFilters(dir, limits))
}

const quiet = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.quotePath=false',
  'log.showSignature=false',
].flatMap((setting) => ['-c', setting])

const run = promisify(execFile)

async function git(
  dir: string,
  args: readonly string[],
  limits: LookLimits,
  settings: Record<string, string>,
): Promise<string> {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env
  const { stdout } = await run('git', ['-C', dir, ...quiet, ...args], {
    ...limits,
    env: { ...env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...asEnvironment(settings) },
  })
  return stdout
}

/** Those of the repository itself, wherever its settings include them from; a person's own are trusted. */
async function withoutFilters(dir: string, limits: LookLimits): Promise<Record<string, string>> {
  const asked = git(
    dir,
    ['config', '--show-scope', '--name-only', '--get-regexp', String.raw`^filter\.`],
    limits,
    {},
  )
  const listed = await asked.catch(unlessNone)
  const names = listed
    .split('\n')
    .flatMap((line) => /^(?:local|worktree)\t(filter\..+)\.\w+$/.exec(line)?.[1] ?? [])
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => [
      [`${name}.clean`, ''],
      [`${name}.process`, ''],
      [`${name}.required`, 'false'],
    ]),
  )
}

/** git ends with 1 where nothing fits. */
function unlessNone(error: { code?: unknown }): string {
  if (error.code === 1) return ''
  throw error
}

/** A name may hold any sign, also `=`, at which `-c` would cut it. */
function asEnvironment(settings: Record<string, string>): Record<string, string> {
  const entries = Object.entries(settings)
  const first = Number(process.env['GIT_CONFIG_COUNT'] ?? 0)
  const pairs = entries.flatMap(([name, value], at) => [
    [`GIT_CONFIG_KEY_${first + at}`, name],
    [`GIT_CONFIG_VALUE_${first + at}`, value],
  ])
  return { GIT_CONFIG_COUNT: String(first + entries.length), ...Object.fromEntries(pairs) }
}
