import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { becomeOnly, runningInstance } from './single-instance.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-only-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A process of its own that holds the lock until it is killed. */
async function holdElsewhere() {
  const program = join(folder, 'hold.mjs')
  const file = new URL('single-instance.ts', import.meta.url).href
  writeFileSync(
    program,
    `const { becomeOnly } = await import(${JSON.stringify(file)})
     globalThis.only = becomeOnly(${JSON.stringify(folder)}, 'assigner', '/log') // or the collector ends it
     process.send('held')
     setInterval(() => {}, 1000)`,
  )
  const child = fork(program, { execArgv: ['--import', import.meta.resolve('tsx')] })
  await once(child, 'message')
  return child
}

describe('becomeOnly', () => {
  test('nobody runs before, this process does while it holds the lock, nobody does afterwards', () => {
    const before = runningInstance(folder, 'assigner')
    const lock = becomeOnly(folder, 'assigner', '/x.log')
    const during = runningInstance(folder, 'assigner')
    lock[Symbol.dispose]()
    const after = runningInstance(folder, 'assigner')

    expect(before).toBeNull()
    expect(during).toMatchObject({ pid: process.pid, log: '/x.log' })
    expect(after).toBeNull()
  })

  test('two names and two folders do not keep each other out', () => {
    using _one = becomeOnly(folder, 'assigner', '')
    using _two = becomeOnly(folder, 'worker', '')
    using _three = becomeOnly(join(folder, 'other'), 'assigner', '')

    expect(runningInstance(folder, 'worker')).not.toBeNull()
  })

  test('a second process is refused with pid, time and what to do, and may begin once the first was killed', async () => {
    const child = await holdElsewhere()
    const running = runningInstance(folder, 'assigner')
    const refused = () => becomeOnly(folder, 'assigner', '/mine')

    expect(running?.pid).toBe(child.pid)
    expect(refused).toThrow(
      new RegExp(
        `^Another assigner already works on ${folder} \\(pid ${child.pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\)\\. ` +
          'Stop it with ./deploy.sh stop, or give this one its own ARCHITECT_DATA\\.$',
      ),
    )

    child.kill('SIGKILL')
    await once(child, 'exit')
    using _mine = becomeOnly(folder, 'assigner', '/mine')

    expect(runningInstance(folder, 'assigner')).toMatchObject({ pid: process.pid })
  })

  test('a folder that cannot be used is named', () => {
    writeFileSync(join(folder, 'file'), '')

    expect(() => becomeOnly(join(folder, 'file'), 'assigner', '')).toThrow(/file/)
  })
})
