import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { usualBranchRules } from '../../core/branch.ts'
import type { Lock } from '../../core/lock.ts'
import { installHook, removeHook } from './commit-hook.ts'
import { hookListPath, keepHookLists } from './hook-list.ts'

let folder = ''
let repo = ''
let dataDir = ''
const env = { PATH: process.env['PATH'], GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "architect hook's-")))
  repo = join(folder, 'my project')
  dataDir = join(folder, 'data')
  mkdirSync(repo)
  git('init', '-q', '-b', 'feature/x-1121')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a commit of what somebody else has locked is refused with who, and one’s own passes', async () => {
  await installHook(dataDir, repo)
  await keepHookLists(dataDir, [lockOf('w1', ['src/', 'app/[id].ts', '**/*.sql'])], usualBranchRules)

  const refused = ['src/deep/a.ts', 'app/[id].ts', 'x/y.sql'].map((file) => commit(file, 'w2'))
  const passed = [commit('app/i.ts', 'w2'), commit('srcs/a.ts', 'w2'), commit('src/b c.ts', 'test/w1')]

  expect(refused.map(({ status }) => status)).toEqual([1, 1, 1])
  expect(refused[0]?.stderr).toContain(
    'architect: src/deep/a.ts is locked by w1 on feature/y-1121 since 2026-11-21 ',
  )
  expect(passed.map(({ status, stderr }) => [status, stderr])).toEqual(
    [0, 0, 0].map((status) => [status, '']),
  )
})

test('nobody commits on a protected branch, except past the hook', async () => {
  await installHook(dataDir, repo)
  await keepHookLists(dataDir, [], { ...usualBranchRules, protectedBranches: ['release/*'] })
  git('checkout', '-q', '-b', 'release/2')

  const refused = commit('a', 'w1')
  const forced = commit('a', 'w1', '--no-verify')

  expect(refused).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('release/2 is a protected branch'),
  })
  expect(forced.status).toBe(0)
})

test('everything passes while no assigner runs, and when the data folder is gone', async () => {
  await installHook(dataDir, repo)
  git('checkout', '-q', '-b', 'main')
  const before = commit('a', 'w1')
  await keepHookLists(dataDir, [lockOf('w2', ['b'])], usualBranchRules)
  const list = hookListPath(dataDir, join(repo, '.git'))
  const ended = spawnSync('true')
  writeFileSync(list, readFileSync(list, 'utf8').replace(`pid\t${process.pid}`, `pid\t${ended.pid}`))
  const after = commit('b', 'w1')
  rmSync(dataDir, { recursive: true })
  const gone = commit('c', 'w1')

  expect([before.status, after.status, gone.status]).toEqual([0, 0, 0])
})

test('a hook that is there is called first, its refusal counts, and it gets its place back', async () => {
  const path = join(repo, '.githooks/pre-commit')
  git('config', 'core.hooksPath', '.githooks')
  mkdirSync(join(repo, '.githooks'))
  writeFileSync(path, '#!/bin/sh\necho theirs >&2\n[ ! -e forbidden ]\n')
  chmodSync(path, 0o755)

  const first = await installHook(dataDir, repo)
  const again = await installHook(dataDir, repo)
  const passed = commit('a', 'w1')
  const refused = commit('forbidden', 'w1')
  const removed = await removeHook(dataDir, repo)

  expect([first, again]).toEqual([
    { path, chained: true },
    { path, chained: true },
  ])
  expect(passed).toMatchObject({ status: 0, stderr: 'theirs\n' })
  expect(refused.status).toBe(1)
  expect(removed).toBe(true)
  expect(readFileSync(path, 'utf8')).toContain('echo theirs')
  expect(existsSync(`${path}.before-architect`)).toBe(false)
  expect(await removeHook(dataDir, repo)).toBe(false)
})

function lockOf(session: string, paths: string[]): Lock {
  const lockedAt = new Date(2026, 10, 21, 14).getTime()
  return {
    id: 1,
    node: 'test',
    project: join(repo, '.git'),
    root: repo,
    session,
    sessionKey: null,
    generation: null,
    branch: 'feature/y-1121',
    files: paths.map((path) => ({ path, lockedAt })),
    warning: null,
    refused: [],
    startedAt: lockedAt,
    changedAt: lockedAt,
    readyAt: null,
    missingSince: null,
    shownIn: null,
  }
}

function commit(file: string, session: string, ...more: string[]) {
  mkdirSync(join(repo, file, '..'), { recursive: true })
  writeFileSync(join(repo, file), `${Math.random()}`)
  git('reset', '-q')
  git('add', '--', file)
  const args = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'x', ...more]
  const { status, stderr } = spawnSync('git', args, {
    cwd: repo,
    env: { ...env, ARCHITECT_SESSION: session },
    encoding: 'utf8',
  })
  return { status, stderr }
}

function git(...args: string[]) {
  execFileSync('git', args, { cwd: repo, env, stdio: ['ignore', 'ignore', 'ignore'] })
}
