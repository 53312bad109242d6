import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import { listNodes } from '../../db/node/read.ts'
import { changeNode } from '../../db/node/write.ts'
import type { Database } from '../../db/open.ts'
import { inviteNode } from '../../nodes/invite.ts'
import type { Cable } from './cable.ts'
import type { CliWorld } from '../e2e/cli.ts'
import {
  scriptedRules,
  startScriptedAgent,
  type Behaviour,
  type ScriptedAgent,
} from '../scripted-agent/scripted-agent.ts'
import { startTmux, type TmuxFixture } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'

/** Another machine: a tmux, a data folder and a node agent of its own, on a cable to the dashboard. */
export interface Machine extends AsyncDisposable {
  name: string
  dataDir: string
  tmux: TmuxFixture
  cable: Cable
  agents: Record<string, ScriptedAgent>
  /** Runs a command of Architect there. */
  run(args: string[]): ReturnType<CliWorld['run']>
}

export interface MachineOptions {
  name: string
  /** Sessions with an agent each. */
  agents: Record<string, Behaviour>
  /** Where its agent keeps what it has to. */
  dataDir?: string
}

/** Invites it, lets it join over its cable, and returns when the dashboard shows its sessions. */
export async function joinMachine(
  world: CliWorld,
  database: Database,
  cable: Cable,
  { name, agents: wanted, dataDir: given }: MachineOptions,
): Promise<Machine> {
  const tmux = await startTmux()
  const dataDir = given ?? join(tmux.folder, 'data')
  await mkdir(join(dataDir, 'agents'), { recursive: true })
  await copyFile(scriptedRules, join(dataDir, 'agents', 'scripted.yaml'))
  const agents: Record<string, ScriptedAgent> = {}
  const env = { ARCHITECT_DATA: dataDir, ARCHITECT_TMUX_SOCKET: tmux.socketPath }
  const machine: Machine = {
    name,
    dataDir,
    tmux,
    cable,
    agents,
    run: (args) => world.run(args, { env, namespace: cable.namespace }),
    async [Symbol.asyncDispose]() {
      await machine.run(['node-agent', '--stop'])
      await cable[Symbol.asyncDispose]()
      await tmux[Symbol.asyncDispose]()
    },
  }
  try {
    for (const [session, behaviour] of Object.entries(wanted)) {
      agents[session] = await startScriptedAgent(tmux, { name: session, behaviour })
    }
    await letJoin(machine, database)
    await bearLoad(database, name)
    await seen(world, machine)
    return machine
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
}

async function letJoin(machine: Machine, database: Database) {
  const { name, cable } = machine
  const invitation = { name: null, tags: [], by: 'test', url: cable.url, fingerprint: null }
  const { token } = await inviteNode({ database, clock: systemClock }, invitation)
  const { code, stderr } = await machine.run(['node-agent', '--token', token, '--name', name, '--daemon'])
  if (code !== 0) throw new Error(`${name} did not join: ${stderr}`)
}

/** It shares its processors with every other test: what they do is no reason to spare it. */
async function bearLoad(database: Database, name: string) {
  const node = (await listNodes(database.kysely)).find((each) => each.name === name)
  if (!node) throw new Error(`${name} is not known`)
  const limits = { ...node.limits, loadPerCpu: null, memoryPercent: null, celsius: null }
  await database.write((db) => changeNode(db, node.id, { limits }, Date.now()))
}

async function seen(world: CliWorld, { name, agents }: Machine) {
  await waitFor(async () => {
    const { items } = await world.json<{ items: { node: string }[] }>(['sessions'])
    return items.filter(({ node }) => node === name).length === Object.keys(agents).length
  }, `the sessions of ${name}`)
}
