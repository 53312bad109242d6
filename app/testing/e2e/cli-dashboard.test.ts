import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ProcessTable } from '../../agents/process-table.ts'
import { runningInstance } from '../../single-instance.ts'
import { startScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

interface Status {
  dashboard: { running: boolean; pid: number; address: string; version: string }
  assigner: { running: boolean; pid: number }
}

// Each command is a process of its own, and a busy machine takes seconds for one.
vi.setConfig({ testTimeout: 90_000 })

/** `./deploy.sh` and what becomes of it when its processes die. */
let world: CliWorld
beforeAll(async () => {
  world = await openCliWorld({ SESSION_TIMEOUT: '3600' })
  await startScriptedAgent(world.tmux, { name: 'dev', behaviour: { thinkMs: 100, answer: 'Done.' } })
})
afterAll(() => world[Symbol.asyncDispose]())

const status = () => world.json<Status>(['status'])
const health = async (address: string) =>
  (await fetch(`${address}health`)).json() as Promise<{ status: string }>

const newAssigner = (oldPid: number) =>
  waitFor(async () => {
    const assigner = runningInstance(world.dataDir, 'assigner')
    return assigner && assigner.pid !== oldPid ? assigner : null
  }, 'another assigner')

describe('in the background', () => {
  test('it prints an address, a user and a password once, and both processes work', async () => {
    const started = await world.run(['--daemon'])
    const { dashboard, assigner } = await status()

    expect(started).toMatchObject({ code: 0, stderr: '' })
    expect(started.stdout).toContain(`The dashboard is at ${dashboard.address} `)
    expect(started.stdout).toMatch(/Log in as architect with the password \S+ /)
    expect(dashboard.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(assigner.running).toBe(true)
    expect(await health(dashboard.address)).toMatchObject({ status: 'healthy' })
  })

  test('status tells where it is, its version and since when', async () => {
    const { dashboard } = await status()
    const { stdout } = await world.run(['status'])

    expect(stdout).toMatch(/^Dashboard {2}at http:\/\/127\.0\.0\.1:\d+\/ \(version \S+, pid \d+, for /)
    expect(stdout).toContain(dashboard.address)
  })

  test('a second one on the same data, and one on the same port, say so', async () => {
    const { dashboard } = await status()
    const port = new URL(dashboard.address).port

    const sameData = await world.run(['start'])
    const other = { ARCHITECT_DATA: `${world.dataDir}-2`, PORT: port }
    const samePort = await world.run(['start'], { env: other })

    expect([sameData.code, samePort.code]).toEqual([1, 1])
    expect(sameData.stderr).toContain(
      `Another dashboard already works on ${world.dataDir} (pid ${dashboard.pid}`,
    )
    expect(samePort.stderr).toContain(`Port ${port} of 127.0.0.1 is taken.`)
    // The password of its first user is still to be made, and shown.
    expect(existsSync(join(other.ARCHITECT_DATA, 'initial-password'))).toBe(false)
  })

  test('a killed assigner is followed by another one, which goes on with the queue', async () => {
    const before = await status()

    process.kill(before.assigner.pid, 'SIGKILL')
    const after = await newAssigner(before.assigner.pid)
    const { prompt_id: id } = await world.json<{ prompt_id: number }>([
      'assigner',
      '--send',
      'after the death',
    ])
    const followed = await world.run(['assigner', '--watch', String(id)])

    expect(after.pid).not.toBe(before.assigner.pid)
    expect(followed.code).toBe(0)
  })

  test('a killed dashboard leaves its assigner at work, and the next one adopts it', async () => {
    const before = await status()

    process.kill(before.dashboard.pid, 'SIGKILL')
    await waitFor(async () => !(await status()).dashboard.running, 'the death of the dashboard')
    const { prompt_id: id } = await world.json<{ prompt_id: number }>([
      'assigner',
      '--send',
      'without a dashboard',
    ])
    const followed = await world.run(['assigner', '--watch', String(id)])
    const again = await world.run(['--daemon'])
    const after = await status()

    expect(followed.code).toBe(0)
    expect(again).toMatchObject({ code: 0, stdout: expect.not.stringContaining('Log in as') })
    expect(after.assigner.pid).toBe(before.assigner.pid)
    expect(after.dashboard.pid).not.toBe(before.dashboard.pid)
  })

  test('an adopted assigner that is killed is followed by one of its own', async () => {
    const before = await status()

    process.kill(before.assigner.pid, 'SIGKILL')
    const after = await newAssigner(before.assigner.pid)

    expect((await status()).assigner.pid).toBe(after.pid)
  })

  test('stop ends both and leaves the sessions', async () => {
    const stopped = await world.run(['stop'])
    const { dashboard, assigner } = await status()

    expect(stopped).toMatchObject({ code: 0 })
    expect([dashboard.running, assigner.running]).toEqual([false, false])
    expect(await world.tmux.run('list-sessions', '-F', '#{session_name}')).toBe('dev\n')
  })
})

describe('in a terminal', () => {
  test('Ctrl-C ends it with its assigner and says so', async () => {
    const child = world.start(['start'])
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await waitFor(async () => said.includes('Ctrl-C ends it'), 'the start', 60_000)

    child.kill('SIGINT')
    await new Promise((resolve) => child.on('close', resolve))
    const { dashboard, assigner } = await status()

    expect(said).toMatch(/^The dashboard is at http:\/\/127\.0\.0\.1:\d+\/\n/)
    expect(said).toContain('The dashboard has ended.')
    expect([child.exitCode, dashboard.running, assigner.running]).toEqual([0, false, false])
  })

  test('Ctrl-C in the middle of its start ends its assigner, too', async () => {
    const child = world.start(['start'])
    child.stdout.resume()
    await waitFor(
      async () => new ProcessTable().children(child.pid!).length > 0,
      'its assigner, not yet at work',
    )

    child.kill('SIGINT')
    await new Promise((resolve) => child.on('close', resolve))

    const { dashboard, assigner } = await status()
    expect([child.exitCode, dashboard.running, assigner.running]).toEqual([0, false, false])
  })

  test('an assigner that worked before goes on after it, until everything is stopped', async () => {
    await world.run(['assigner', '--daemon'])
    const child = world.start(['start'])
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await waitFor(async () => said.includes('Ctrl-C ends it'), 'the start', 60_000)

    child.kill('SIGTERM')
    await new Promise((resolve) => child.on('close', resolve))
    const left = await status()
    await world.run(['stop'])

    expect([left.dashboard.running, left.assigner.running]).toEqual([false, true])
    expect((await status()).assigner.running).toBe(false)
  })

  test('--ssl listens for HTTPS alone', async () => {
    const child = world.start(['start', '--ssl'])
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await waitFor(async () => said.includes('Ctrl-C ends it'), 'the start', 60_000)
    const { dashboard } = await status()

    const plain = fetch(dashboard.address.replace('https:', 'http:'))

    expect(dashboard.address).toMatch(/^https:/)
    await expect(plain).rejects.toThrow('fetch failed')
    child.kill('SIGINT')
    await new Promise((resolve) => child.on('close', resolve))
  })
})
