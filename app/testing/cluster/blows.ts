import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { random } from '../chaos/feeder.ts'
import type { CliWorld } from '../e2e/cli.ts'
import { waitFor } from '../wait-for.ts'
import type { Machine } from './machine.ts'

/** Processes of Architect, each killed in its turn (SIGKILL). */
export const victims = ['node agent', 'assigner', 'dashboard'] as const
export type Blow = 'cut' | (typeof victims)[number]

export interface Cluster {
  world: CliWorld
  machines: Machine[]
}

/** Pulls the cable of one machine, whose near end notices nothing, and plugs it in again by itself, or as it is told. */
export function cutOne({ machines }: Cluster, longestMs: number): { heal: () => void } {
  const { cable } = machines[random(machines.length)]!
  cable.pull()
  const healing = setTimeout(() => cable.plugIn(), random(longestMs))
  return {
    heal() {
      clearTimeout(healing)
      cable.plugIn()
    },
  }
}

/** Kills one process; whoever would start it again in the user's place does so. */
export async function killOne({ world, machines }: Cluster, victim: (typeof victims)[number]): Promise<void> {
  if (victim === 'node agent') {
    const machine = machines[random(machines.length)]!
    await kill(machine.dataDir, 'node-agent')
    await machine.run(['node-agent', '--daemon'])
    return
  }
  await kill(world.dataDir, victim)
  // The dashboard starts a dead assigner again by itself; nobody starts a dead dashboard.
  if (victim === 'dashboard') await startAgain(world)
}

async function startAgain(world: CliWorld) {
  await waitFor(async () => (await world.run(['start', '--daemon'])).code === 0, 'the dashboard')
}

async function kill(dataDir: string, name: string) {
  const { pid } = JSON.parse(await readFile(join(dataDir, `${name}.json`), 'utf8')) as { pid: number }
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    // It has not been started again since the last blow.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
