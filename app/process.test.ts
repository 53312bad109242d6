import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-process-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function start(work: string): Promise<{ child: ChildProcess; said: string[] }> {
  const program = join(folder, 'work.mjs')
  const file = new URL('process.ts', import.meta.url).href
  writeFileSync(program, `const { runUntilSignal } = await import(${JSON.stringify(file)})\n${work}`)
  const child = fork(program, { execArgv: ['--import', import.meta.resolve('tsx')] })
  const said: string[] = []
  child.on('message', (message) => said.push(JSON.stringify(message)))
  await once(child, 'message')
  return { child, said }
}

const untilAborted = `(s) => new Promise((end) => {
  const timer = setInterval(() => {}, 1000)
  s.addEventListener('abort', () => { clearInterval(timer); end() })
  process.send('working')
})`

describe('runUntilSignal', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s lets the work end in order', async (signal) => {
    const { child, said } = await start(`await runUntilSignal(${untilAborted})
      await new Promise((done) => process.send('given back', done))
      process.disconnect()`)

    child.kill(signal)
    const [code] = await once(child, 'close')

    expect(said).toEqual(['"working"', '"given back"'])
    expect(code).toBe(0)
  })

  test('a second signal ends work that does not listen', async () => {
    const { child } = await start(`setInterval(() => {}, 1000)
      await runUntilSignal((s) => new Promise(() => {
        s.addEventListener('abort', () => process.send('aborted'))
        process.send('working')
      }))`)

    child.kill('SIGINT')
    await once(child, 'message')
    child.kill('SIGINT')
    const [, signal] = await once(child, 'close')

    expect(signal).toBe('SIGINT')
  })
})
