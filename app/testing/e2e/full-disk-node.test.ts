import { execFileSync, spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { openDatabase } from '../../db/open.ts'
import { startCable } from '../cluster/cable.ts'
import { joinMachine } from '../cluster/machine.ts'
import { freePort } from '../free-port.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld } from './cli.ts'

const mayMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

test('a node whose disk is full goes on, over cuts and to the end of its prompts', async ({ skip }) => {
  skip(!mayMount, 'needs leave to mount')
  const disk = await mkdtemp(join(tmpdir(), 'architect-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2000000', 'none', disk])
  try {
    const port = await freePort()
    await using world = await openCliWorld({ PORT: String(port) })
    await world.json(['start', '--daemon'])
    await using database = await openDatabase({ dataDir: world.dataDir })
    const cable = await startCable(port)
    const dataDir = join(disk, 'data')
    await using pi = await joinMachine(world, database, cable, { name: 'pi-1', agents: { dev: {} }, dataDir })
    const pid = await pidOf(dataDir)
    const connected = async () => {
      const { items } = await world.json<{ items: { name: string; state: string }[] }>(['nodes', 'list'])
      return items.some(({ name, state }) => name === 'pi-1' && state === 'online')
    }

    await fill(join(disk, 'zero'))
    // The dashboard goes, and comes: the agent notes each of these where there is no room.
    await world.run(['stop'])
    await world.json(['start', '--daemon'])
    await waitFor(connected, 'the node')
    await world.run(['assigner', '--send', 'say hello', '--target', 'pi-1/dev'])
    await waitFor(async () => (await pi.agents['dev']!.prompts()).length > 0, 'the prompt')

    expect(await pi.agents['dev']!.prompts()).toEqual(['say hello'])
    expect(await pidOf(dataDir)).toBe(pid)
    expect(isAlive(pid)).toBe(true)
  } finally {
    execFileSync('umount', ['-l', disk])
    await rm(disk, { recursive: true })
  }
})

async function pidOf(dataDir: string): Promise<number> {
  return (JSON.parse(await readFile(join(dataDir, 'node-agent.json'), 'utf8')) as { pid: number }).pid
}

function isAlive(pid: number): boolean {
  return spawnSync('kill', ['-0', String(pid)]).status === 0
}

async function fill(path: string) {
  const zeros = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(4_096)
    })(),
  )
  await expect(pipeline(zeros, createWriteStream(path))).rejects.toThrow('ENOSPC')
}
