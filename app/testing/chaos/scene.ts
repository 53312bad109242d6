import { setTimeout as sleep } from 'node:timers/promises'
import { startBroker, environmentOf, type TestBroker } from '../broker.ts'
import type { Behaviour } from '../scripted-agent/scripted-agent.ts'
import { buildAssigner } from './build.ts'
import { Feeder, random } from './feeder.ts'
import type { Plan } from './plan.ts'
import { Supply, type AssignerProcess } from './supply.ts'
import type { Sighting } from './verdict.ts'

/** Five agents, each with a habit of its own. Events happen once each time that a habit is told anew. */
const habits: Record<string, Behaviour> = {
  quick: { thinkMs: 20, streamMs: 20 },
  slow: { thinkMs: 500, streamMs: 300 },
  strands: { strandEnters: 1 },
  late: { redrawLateMs: 250, placeholderFrom: { chars: 60, lines: 2 } },
  asks: {
    events: [
      { on: 'paste', afterMs: 15, do: 'dialog', kind: 'permission' },
      { on: 'paste', afterMs: 500, do: 'close_dialog' },
      { on: 'answer', afterMs: 100, do: 'turn' },
    ],
  },
}

/** Where chaos happens: a broker without an assigner of its own, agents at work, and processes to kill. */
export interface Scene extends AsyncDisposable {
  broker: TestBroker
  feeder: Feeder
  begin(plan?: Partial<Plan>): Promise<AssignerProcess>
  /** After the tmux server died: the same agents in a new one. */
  revive(): Promise<void>
  /** Lets every agent show its habit again. */
  rearm(): Promise<void>
  sightings(): Promise<Sighting[]>
  /** How often an agent's dialog was answered with yes. */
  approvals(): Promise<number>
}

export async function openScene(): Promise<Scene> {
  const program = await buildAssigner()
  const broker = await startBroker({ agents: habits, running: false })
  const supply = new Supply(program.path, environmentOf(broker.config.dataDir, broker.server.socketPath))
  const askServerPid = async () => Number(await broker.server.run('display-message', '-p', '#{pid}'))
  let serverPid = await askServerPid()
  const logs = () => Promise.all(names.map((name) => broker.agent(name).log()))
  return {
    broker,
    feeder: new Feeder(broker, names),
    begin: (plan) => supply.begin({ victim: 'assigner', at: null, serverPid, ...plan }),
    async revive() {
      await gone(serverPid)
      for (const name of names) await broker.addAgent(name, habits[name])
      serverPid = await askServerPid()
    },
    async rearm() {
      const name = names[random(names.length)]!
      await broker.agent(name).tell(habits[name]!)
    },
    async sightings() {
      const all = await logs()
      return all.flatMap((log, index) =>
        log.filter(({ type }) => type === 'prompt').map(({ text = '' }) => ({ agent: names[index]!, text })),
      )
    },
    approvals: async () => (await logs()).flat().filter(({ type }) => type === 'APPROVED').length,
    async [Symbol.asyncDispose]() {
      await supply[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
      await program[Symbol.asyncDispose]()
    },
  }
}

const names = Object.keys(habits)

/** A process that was killed needs a moment to end. */
async function gone(pid: number) {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return // there is no such process any more
    }
    await sleep(10)
  }
}
