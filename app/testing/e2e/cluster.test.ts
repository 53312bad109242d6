import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endStates } from '../../core/prompt.ts'
import { attemptsOf } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { startCable } from '../cluster/cable.ts'
import { joinMachine, type Machine } from '../cluster/machine.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

/** A dashboard, and another machine on a cable. */
let world: CliWorld
let database: Database
let pi: Machine

beforeAll(async () => {
  world = await openCliWorld()
  const { address } = await world.json<{ address: string }>(['start', '--daemon'])
  database = await openDatabase({ dataDir: world.dataDir })
  pi = await joinMachine(world, database, await startCable(Number(new URL(address).port)), {
    name: 'pi-1',
    agents: { dev: {} },
  })
})

afterAll(async () => {
  await pi?.[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

test('a prompt for a session of another machine arrives there once, and its answer comes back', async () => {
  const id = await send('say hello')

  const prompt = await ended(id)

  expect(prompt).toMatchObject({ state: 'completed', answer: expect.stringContaining('Done:') })
  expect(await pi.agents['dev']!.prompts()).toEqual(['say hello'])
})

test('a prompt whose node is cut off while its agent works is held, and finished after healing', async () => {
  const dev = pi.agents['dev']!
  await dev.tell({ thinkMs: 600_000 })
  const id = await send('work for a while')
  await dev.witness(({ type, text }) => type === 'prompt' && text === 'work for a while')

  pi.cable.pull()
  await waitFor(async () => (await progress()).includes(`prompt ${id} waits for its node`), 'that it is held')
  pi.cable.plugIn()
  await dev.tell({ events: [{ on: 'now', do: 'answer' }] })
  const prompt = await ended(id)

  expect(prompt).toMatchObject({ state: 'completed', answer: expect.stringContaining('Done:') })
  expect((await dev.prompts()).filter((text) => text === 'work for a while')).toHaveLength(1)
})

test('a prompt whose node is revoked while its agent works is held, and finished when it is let in again', async () => {
  const dev = pi.agents['dev']!
  await dev.tell({ thinkMs: 600_000 })
  const id = await send('work until you are shown out')
  await dev.witness(({ type, text }) => type === 'prompt' && text === 'work until you are shown out')

  await world.run(['nodes', 'revoke', 'pi-1'])
  await waitFor(async () => (await progress()).includes(`prompt ${id} is held`), 'that it is held')
  const held = await getPrompt(database.kysely, id)
  const status = await waitFor(async () => {
    const { stdout } = await pi.run(['node-agent', '--status'])
    return stdout.includes('was revoked') && stdout
  }, 'that the node says why')
  const { token } = await world.json<{ token: string }>(['nodes', 'invite', '--name', 'pi-1'])
  await pi.run(['node-agent', '--stop'])
  const url = ['--dashboard', pi.cable.url]
  await pi.run(['node-agent', '--token', token, '--name', 'pi-1', ...url, '--daemon'])
  await dev.tell({ events: [{ on: 'now', do: 'answer' }] })
  const prompt = await ended(id)

  expect(held).toMatchObject({ state: 'in_progress', attention: expect.stringContaining('pi-1 is offline') })
  expect(status).toContain('Invite')
  expect(prompt).toMatchObject({ state: 'completed', answer: expect.stringContaining('Done:') })
  expect((await dev.prompts()).filter((text) => text === 'work until you are shown out')).toHaveLength(1)
})

describe('on the command line of the dashboard, a session of another machine', () => {
  test('is explained by its node', async () => {
    const { agent, state } = await world.json<{ agent: string; state: string }>(['explain', 'pi-1/dev'])

    expect({ agent, state }).toEqual({ agent: 'scripted', state: 'idle' })
  })

  test('has its dialog answered', async () => {
    const dev = pi.agents['dev']!
    await dev.tell({ events: [{ on: 'now', do: 'dialog', kind: 'permission' }] })
    const asked = await waitFor(async () => {
      const { items } = await world.json<{ items: { id: number; session: string }[] }>([
        'interactions',
        'list',
      ])
      return items.find(({ session }) => session === 'dev')
    }, 'the dialog')

    const { code, stderr } = await world.run(['interactions', 'approve', String(asked.id)])
    await dev.witness(({ type }) => type === 'APPROVED')

    expect([code, stderr]).toEqual([0, ''])
  })

  test('whose node is not connected is refused with the reason', async () => {
    await pi.run(['node-agent', '--stop'])

    const { code, stderr } = await world.run(['explain', 'pi-1/dev'])

    expect(code).not.toBe(0)
    expect(stderr).toContain('pi-1 is away: its node agent is not connected.')
  })
})

async function send(content: string): Promise<number> {
  const sent = await world.json<{ prompt_id: number }>([
    'assigner',
    '--send',
    content,
    '--target',
    'pi-1/dev',
  ])
  return sent.prompt_id
}

function progress(): Promise<string> {
  return readFile(join(world.dataDir, 'logs', 'progress.log'), 'utf8')
}

/** The prompt and its last answer, when it is over. */
function ended(id: number) {
  return waitFor(async () => {
    const prompt = await getPrompt(database.kysely, id)
    const [attempt] = (await attemptsOf(database.kysely, id)).slice(-1)
    return endStates.some((state) => state === prompt.state) && { ...prompt, answer: attempt?.answer }
  }, `the end of prompt ${id}`)
}
