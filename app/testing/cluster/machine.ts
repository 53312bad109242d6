import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import type { Database } from '../../db/open.ts'
import { inviteNode } from '../../nodes/invite.ts'
import { startCable, type Cable } from './cable.ts'
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
}

/** Invites it, lets it join, and returns when the dashboard shows its sessions. */
export async function joinMachine(
  world: CliWorld,
  database: Database,
  port: number,
  { name, agents: wanted }: MachineOptions,
): Promise<Machine> {
  const tmux = await startTmux()
  const dataDir = join(tmux.folder, 'data')
  await mkdir(join(dataDir, 'agents'), { recursive: true })
  await copyFile(scriptedRules, join(dataDir, 'agents', 'scripted.yaml'))
  const cable = await startCable(port)
  const agents: Record<string, ScriptedAgent> = {}
  const env = { ARCHITECT_DATA: dataDir, ARCHITECT_TMUX_SOCKET: tmux.socketPath }
  const machine: Machine = {
    name,
    dataDir,
    tmux,
    cable,
    agents,
    run: (args) => world.run(args, { env }),
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
    await seen(world, machine)
    return machine
  } catch (error) {
    await machine[Symbol.asyncDispose]()
    throw error
  }
}

async function letJoin(machine: Machine, database: Database) {
  const { name, cable } = machine
  const url = `http://127.0.0.1:${cable.port}`
  const invitation = { name: null, tags: [], by: 'test', url, fingerprint: null }
  const { token } = await inviteNode({ database, clock: systemClock }, invitation)
  const { code, stderr } = await machine.run(['node-agent', '--token', token, '--name', name, '--daemon'])
  if (code !== 0) throw new Error(`${name} did not join: ${stderr}`)
}

async function seen(world: CliWorld, { name, agents }: Machine) {
  await waitFor(async () => {
    const { items } = await world.json<{ items: { node: string }[] }>(['sessions'])
    return items.filter(({ node }) => node === name).length === Object.keys(agents).length
  }, `the sessions of ${name}`)
}
