import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localCheckouts } from './git.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'architect-git-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a folder outside any checkout has no state', async () => {
  expect(await localCheckouts.stateOf(dir)).toBeNull()
  expect(await localCheckouts.stateOf(join(dir, 'missing'))).toBeNull()
})

test('commits, files and lines of a turn are told apart from what was there before', async () => {
  git('init', '-q')
  commit('old.txt', 'one\n', 'first')
  writeFileSync(join(dir, 'dirty.txt'), 'was here before\n')
  const before = await localCheckouts.stateOf(dir)

  commit('new.txt', 'a\nb\n', 'second')
  writeFileSync(join(dir, 'old.txt'), 'two\n')
  const after = await localCheckouts.stateOf(dir)
  const changes = await localCheckouts.changesOf(dir, before!, after!)

  expect(changes.commits).toEqual([expect.stringMatching(/^[0-9a-f]+ second$/)])
  expect(changes.files).toEqual(['new.txt', 'old.txt'])
  expect([changes.addedLines, changes.removedLines]).toEqual([3, 1])
})

test('a checkout whose settings name a monitor of files is looked at without it', async () => {
  git('init', '-q')
  commit('a.txt', 'a\n', 'begin')
  git('config', 'core.fsmonitor', `touch ${dir}/started; false`)
  writeFileSync(join(dir, 'a.txt'), 'b\n')

  const state = await localCheckouts.stateOf(dir)
  await localCheckouts.changesOf(dir, state!, state!)

  expect(state!.status).toBe(' M a.txt\n')
})

test('the first commit of an empty repository counts', async () => {
  git('init', '-q')
  const before = await localCheckouts.stateOf(dir)

  commit('a.txt', 'a\n', 'begin')
  const changes = await localCheckouts.changesOf(dir, before!, (await localCheckouts.stateOf(dir))!)

  expect(before).toEqual({ head: null, status: '' })
  expect(changes).toMatchObject({ files: ['a.txt'], addedLines: 1, removedLines: 0 })
  expect(changes.commits).toHaveLength(1)
})

function commit(file: string, text: string, message: string) {
  writeFileSync(join(dir, file), text)
  git('add', file)
  git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', message)
}

function git(...args: string[]) {
  execFileSync('git', ['-C', dir, ...args])
}
