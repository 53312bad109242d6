import { execFileSync, spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startScriptedAgent, type ScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

/** Room for the database and its log, and not for much more. */
const diskBytes = 16_000_000
const recoversWithinMs = 60_000

interface Listed {
  id: number
  state: string
  content: string
}

const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

describe.skipIf(!mayMount)('dashboard and assigner on a disk that fills up (needs leave to mount)', () => {
  let disk: string
  let world: CliWorld
  let dev: ScriptedAgent

  beforeAll(async () => {
    disk = await mkdtemp(join(tmpdir(), 'architect disk '))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'none', disk])
    const dataDir = join(disk, `its "data"`)
    world = await openCliWorld({ ARCHITECT_DATA: dataDir })
    await mkdir(dataDir)
    await cp(world.dataDir, dataDir, { recursive: true })
    dev = await startScriptedAgent(world.tmux, {
      name: 'dev',
      behaviour: { thinkMs: 3_000, answer: 'Done.' },
    })
    await world.run(['--daemon'])
  })
  afterAll(async () => {
    await world[Symbol.asyncDispose]()
    execFileSync('umount', ['-l', disk])
    await rm(disk, { recursive: true })
  })

  const send = (text: string) => world.run(['assigner', '--send', text])
  const listed = () => world.json<{ items: Listed[] }>(['assigner', '--prompts'])
  const completed = (text: string) =>
    waitFor(
      async () => (await listed()).items.some((one) => one.content === text && one.state === 'completed'),
      `the end of "${text}"`,
      recoversWithinMs,
    )

  test('what was taken is done once, what is refused is said so, and all of it goes on by itself', async () => {
    await send('before')
    await completed('before')
    await send('under way')
    await waitFor(async () => (await dev.prompts()).includes('under way'), 'the prompt at the agent', 20_000)
    const full = join(disk, 'zero')
    await fill(full)

    const refused = await send('while it is full')
    const shown = await listed()
    const { dashboard } = await world.json<{ dashboard: { address: string } }>(['status'])
    const page = await fetch(`${dashboard.address}login`)
    // Its turn ends meanwhile, and nobody can write that down.
    await sleep(5_000)
    await rm(full)
    await completed('under way')
    const again = await send('after')
    await completed('after')

    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/The disk is full: .* Nothing was changed; free some space/)
    expect(shown.items.map(({ content }) => content).toSorted()).toEqual(['before', 'under way'])
    expect(page.status).toBe(200)
    expect(again.code).toBe(0)
    expect(await dev.prompts()).toEqual(['before', 'under way', 'after'])
    for (const file of ['architect.db', 'metrics.db'])
      expect(isWhole(join(disk, `its "data"`, file))).toBe(true)
  }, 240_000)
})

async function fill(path: string) {
  const zeros = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(4_096)
    })(),
  )
  await expect(pipeline(zeros, createWriteStream(path))).rejects.toThrow('ENOSPC')
}

function isWhole(file: string): boolean {
  const database = new Database(file, { readonly: true })
  const said = database.pragma('integrity_check', { simple: true })
  database.close()
  return said === 'ok'
}
