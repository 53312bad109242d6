import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { withSecrets } from './secrets.ts'

const run = promisify(execFile)
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-secrets-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a command without secrets is started as it is', async () => {
  expect(await withSecrets(['claude', '--x'], {}, folder)).toEqual(['claude', '--x'])
  expect(readdirSync(folder)).toEqual([])
})

test('the program finds its values in its environment, and they stand in no word of its command', async () => {
  const secrets = { A: "it's; $(id) *\n`x`", B: 'two' }
  const command = ['sh', '-c', 'printf "%s|%s|%s" "$A" "$B" "$1"', 'x', 'a b']

  const [file = '', ...args] = await withSecrets(command, secrets, folder)
  const [waiting = ''] = readdirSync(folder)
  const { mode } = statSync(join(folder, waiting))
  const { stdout } = await run(file, args)

  expect(stdout).toBe("it's; $(id) *\n`x`|two|a b")
  expect(mode & 0o777).toBe(0o600)
  expect([file, ...args].join(' ')).not.toMatch(/two|it's/)
})

test('the shell becomes the program, and nothing is left of the file', async () => {
  const [file = '', ...args] = await withSecrets(['sh', '-c', 'ps -o comm= -p $PPID'], { A: 'x' }, folder)

  const { stdout } = await run(file, args)

  expect(stdout).toContain('node')
  expect(readdirSync(folder)).toEqual([])
})

test('started a second time, the program is not started without its secrets', async () => {
  const [file = '', ...args] = await withSecrets(['echo', 'started'], { A: 'x' }, folder)
  await run(file, args)

  await expect(run(file, args)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/taken already/),
  })
})

test('what a process left that ended too early goes with the next one', async () => {
  const [, , , left = ''] = await withSecrets(['true'], { A: 'x' }, folder)
  const long = new Date(Date.now() - 120_000)
  utimesSync(left, long, long)
  writeFileSync(join(folder, 'others'), '')

  const [, , , next = ''] = await withSecrets(['true'], { A: 'x' }, folder)

  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual(expect.arrayContaining([next]))
  expect(readdirSync(folder)).toHaveLength(2)
})

test('a file that cannot be taken away when its time is over harms nobody', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const [, , , file = ''] = await withSecrets(['true'], { A: 'x' }, folder)
  rmSync(file)
  mkdirSync(file)

  vi.advanceTimersByTime(60_000)
  await new Promise((resolve) => setImmediate(resolve))
  await readdir(folder)

  expect(readdirSync(folder)).toHaveLength(1)
})
