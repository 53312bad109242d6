import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { openLog, type Log } from './log.ts'
import { runningInstance } from './single-instance.ts'
import { Supervisor, type Change } from './supervisor.ts'
import { waitFor } from './testing/wait-for.ts'

let folder: string
let log: Log
let changes: Change[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-supervisor-'))
  log = openLog(readConfig({ ARCHITECT_DATA: folder, LOG_LEVEL: 'silent' }), 'test')
  changes = []
})
afterEach(() => {
  log[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Plain JavaScript: it starts in a tenth of the time of the sources. */
function program(body: string): string {
  const path = join(folder, 'worker.mjs')
  writeFileSync(path, body)
  return path
}

/** Holds the lock of the data folder, as every process of ours does, and ends when it is asked to. */
const worker = () => {
  const source = JSON.stringify(new URL('single-instance.ts', import.meta.url).href)
  return program(`const { becomeOnly } = await import(${source})
    const only = becomeOnly(${JSON.stringify(folder)}, 'worker', '/log')
    const timer = setInterval(() => {}, 1000)
    process.on('SIGTERM', () => { clearInterval(timer); only[Symbol.dispose]() })`)
}

const env = { ...process.env, NODE_OPTIONS: `--import ${import.meta.resolve('tsx')}` }

const supervise = (path: string) => {
  const supervised = { name: 'worker', program: path, env, dataDir: folder }
  const supervisor = new Supervisor(supervised, log, (change) => changes.push(change))
  supervisor.start()
  return supervisor
}

const running = (exceptPid?: number) =>
  waitFor(
    async () => {
      const instance = runningInstance(folder, 'worker')
      return instance && instance.pid !== exceptPid ? instance : null
    },
    'the worker',
    15_000,
  )

test('what is killed is started again, and both are told', async () => {
  await using _supervisor = supervise(worker())
  const first = await running()

  process.kill(first.pid, 'SIGKILL')
  const second = await running(first.pid)

  expect(second.pid).not.toBe(first.pid)
  expect(changes).toEqual([
    { what: 'started', pid: first.pid },
    { what: 'ended', how: 'SIGKILL', againInMs: 500 },
    { what: 'started', pid: second.pid },
  ])
})

test('what fails at its start again and again is tried less and less often', async () => {
  const count = join(folder, 'count')
  await using _supervisor = supervise(
    program(
      `import { appendFileSync } from 'node:fs'\nappendFileSync(${JSON.stringify(count)}, 'x')\nprocess.exit(3)`,
    ),
  )

  await waitFor(
    async () => existsSync(count) && readFileSync(count, 'utf8').length >= 3,
    'three starts',
    15_000,
  )

  const ends = changes.filter((change) => change.what === 'ended')
  expect(ends.slice(0, 2)).toEqual([
    { what: 'ended', how: 'exit code 3', againInMs: 500 },
    { what: 'ended', how: 'exit code 3', againInMs: 1000 },
  ])
})

test('stopping ends it and starts no other', async () => {
  const supervisor = supervise(worker())
  await running()

  await supervisor[Symbol.asyncDispose]()

  expect(runningInstance(folder, 'worker')).toBeNull()
  expect(changes.map(({ what }) => what)).toEqual(['started'])
})

test('one that works already is adopted, left at work, and followed when it ends', async () => {
  const path = worker()
  const other = spawn(process.execPath, [path], { env, stdio: 'ignore' })
  const before = await running()

  const left = supervise(path)
  await waitFor(async () => changes.length > 0, 'the adoption')
  await left[Symbol.asyncDispose]()
  const still = runningInstance(folder, 'worker')
  await using _supervisor = supervise(path)
  other.kill('SIGKILL')
  await once(other, 'exit')
  const after = await running(before.pid)

  expect(still?.pid).toBe(before.pid)
  expect(after.pid).not.toBe(before.pid)
  expect(changes.map(({ what }) => what)).toEqual(['adopted', 'adopted', 'ended', 'started'])
})
