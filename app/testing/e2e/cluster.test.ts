import { copyFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCable, type Cable } from '../cable.ts'
import { systemClock } from '../../core/clock.ts'
import { endStates } from '../../core/prompt.ts'
import { attemptsOf } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { inviteNode } from '../../nodes/invite.ts'
import { scriptedRules, startScriptedAgent, type ScriptedAgent } from '../scripted-agent/scripted-agent.ts'
import { startTmux, type TmuxFixture } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { openCliWorld, type CliWorld } from './cli.ts'

/** A dashboard, and two other machines with a tmux and a data folder of their own, each on a cable. */
let world: CliWorld
let database: Database
let port: number
const machines: Machine[] = []

interface Machine {
  name: string
  tmux: TmuxFixture
  env: NodeJS.ProcessEnv
  cable: Cable
  agent: ScriptedAgent
}

beforeAll(async () => {
  world = await openCliWorld()
  const started = await world.json<{ address: string }>(['start', '--daemon'])
  port = Number(new URL(started.address).port)
  database = await openDatabase({ dataDir: world.dataDir })
  for (const name of ['pi-1', 'pi-2']) await startMachine(name)
}, 120_000)

afterAll(async () => {
  for (const { env, tmux, cable } of machines) {
    await world.run(['node-agent', '--stop'], { env })
    await cable[Symbol.asyncDispose]()
    await tmux[Symbol.asyncDispose]()
  }
  await database[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

test('a prompt for a session of another machine arrives there once, and its answer comes back', async () => {
  const [pi] = machines as [Machine]

  const id = await send('say hello', '--target', 'pi-1/dev')
  const prompt = await ended(id)

  expect(prompt).toMatchObject({ state: 'completed', answer: expect.stringContaining('Done:') })
  expect(await pi.agent.prompts()).toEqual(['say hello'])
})

test('a prompt whose node is cut off while its agent works is held, and finished after healing', async () => {
  const [pi] = machines as [Machine]
  await pi.agent.tell({ thinkMs: 6_000 })

  const id = await send('work for a while', '--target', 'pi-1/dev')
  await pi.agent.witness(({ type, text }) => type === 'prompt' && text === 'work for a while')
  pi.cable.pull()
  await waitFor(
    async () => (await progress()).includes(`prompt ${id} waits for its node`),
    'that it is held',
    60_000,
  )
  pi.cable.plugIn()
  const prompt = await ended(id)

  expect(prompt).toMatchObject({ state: 'completed', answer: expect.stringContaining('Done:') })
  expect((await pi.agent.prompts()).filter((text) => text === 'work for a while')).toHaveLength(1)
})

async function startMachine(name: string): Promise<void> {
  const tmux = await startTmux()
  const dataDir = join(tmux.folder, 'data')
  await mkdir(join(dataDir, 'agents'), { recursive: true })
  await copyFile(scriptedRules, join(dataDir, 'agents', 'scripted.yaml'))
  const agent = await startScriptedAgent(tmux, { name: 'dev' })
  const cable = await startCable(port)
  const env = { ARCHITECT_DATA: dataDir, ARCHITECT_TMUX_SOCKET: tmux.socketPath }
  const { token } = await inviteNode(
    { database, clock: systemClock },
    { name: null, tags: [], by: 'test', url: `http://127.0.0.1:${cable.port}`, fingerprint: null },
  )
  machines.push({ name, tmux, env, cable, agent })
  const joined = await world.run(['node-agent', '--token', token, '--name', name, '--daemon'], { env })
  expect(joined).toMatchObject({ code: 0, stderr: '' })
  await waitFor(async () => {
    const { items } = await world.json<{ items: { node: string }[] }>(['sessions'])
    return items.some(({ node }) => node === name)
  }, `the sessions of ${name}`)
}

async function send(content: string, ...more: string[]): Promise<number> {
  const sent = await world.json<{ prompt_id: number }>(['assigner', '--send', content, ...more])
  return sent.prompt_id
}

function progress(): Promise<string> {
  return readFile(join(world.dataDir, 'logs', 'progress.log'), 'utf8')
}

/** The prompt and its last answer, when it is over. */
function ended(id: number) {
  return waitFor(
    async () => {
      const prompt = await getPrompt(database.kysely, id)
      const [attempt] = (await attemptsOf(database.kysely, id)).slice(-1)
      return endStates.some((state) => state === prompt.state) && { ...prompt, answer: attempt?.answer }
    },
    `the end of prompt ${id}`,
    60_000,
  )
}
