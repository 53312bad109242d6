import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startDaemon, stopDaemon } from './daemon.ts'
import { runningInstance } from './single-instance.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'architect-daemon-'))
})
afterEach(async () => {
  await stopDaemon(folder, 'worker')
  rmSync(folder, { recursive: true })
})

function program(body: string): string {
  const path = join(folder, 'daemon.mts')
  const address = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  writeFileSync(
    path,
    `const { sayReady, sayFailed } = await import(${address('daemon.ts')})
     const { becomeOnly } = await import(${address('single-instance.ts')})
     const { runUntilSignal } = await import(${address('process.ts')})
     ${body}`,
  )
  return path
}

const start = (path: string) =>
  startDaemon(path, { ...process.env, NODE_OPTIONS: `--import ${import.meta.resolve('tsx')}` })

const worker = `using lock = becomeOnly(${JSON.stringify('FOLDER')}, 'worker', '')
  await sayReady()
  await runUntilSignal((s) => new Promise((end) => {
    const timer = setInterval(() => {}, 1000)
    s.addEventListener('abort', () => { clearInterval(timer); end() })
  }))`

describe('startDaemon', () => {
  test('it returns when the work has begun, and stopDaemon when it has ended', async () => {
    const { pid } = await start(program(worker.replace('FOLDER', folder)))
    const running = runningInstance(folder, 'worker')
    const stopped = await stopDaemon(folder, 'worker')

    expect(running?.pid).toBe(pid)
    expect(stopped).toEqual({ pid })
    expect(runningInstance(folder, 'worker')).toBeNull()
  })

  test('a daemon that says why it cannot work is a failure with its sentence', async () => {
    const path = program("await sayFailed('There is no tmux.')")

    await expect(start(path)).rejects.toThrow('There is no tmux.')
  })

  test('a daemon that dies without a word is a failure, too', async () => {
    const path = program('process.exit(3)')

    await expect(start(path)).rejects.toThrow('It ended at once (exit code 3).')
  })

  test('stopping what does not run is no failure', async () => {
    expect(await stopDaemon(folder, 'worker')).toBeNull()
  })
})
