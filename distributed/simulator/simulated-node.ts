import { AppError } from '../../app/core/errors.ts'
import { createReader } from '../../app/agents/reader.ts'
import type { AgentFinder, AgentProcess } from '../../app/agents/process.ts'
import type { AgentReader } from '../../app/core/agent.ts'
import type { Clock } from '../../app/core/clock.ts'
import { paneKey } from '../../app/core/host.ts'
import type { HookInbox } from '../../app/core/hook.ts'
import { simulatedAgent } from '../../app/core/simulated.ts'
import type { Membership } from '../agent/connection.ts'
import type { Here } from '../agent/here.ts'
import { runNodeAgent } from '../agent/node-agent.ts'
import { MemoryHost } from './memory-host.ts'
import type { MemoryPane } from './memory-pane.ts'
import { SimulatedAgent, type Pace } from './simulated-agent.ts'
import { SimulatedMachine, simulatedFolder } from './simulated-machine.ts'
import { simulatedRules } from './simulated-rules.ts'

export interface SimulationOptions {
  clock: Clock
  /** Of each node. */
  sessions: number
  pace: Pace
  log: Here['log']
}

export interface NodeListeners {
  onUp(): void
  onDown(reason: string): void
}

/** Nodes that exist in this process only; what they say to the dashboard is what real ones say. */
export class Simulation {
  readonly #options: SimulationOptions
  readonly #agents = new Map<number, AgentProcess>()
  /** One for all, because a thousand compiled ones would be most of this process. */
  readonly #reader: AgentReader
  /** Sessions of an earlier simulation are others, although their numbers are the same. */
  readonly #begunAt: number
  #lastPid = 10_000

  constructor(options: SimulationOptions) {
    this.#options = options
    this.#begunAt = options.clock.now()
    const finder: AgentFinder = { find: (panePid) => this.#agents.get(panePid) ?? null }
    const library = new Map([[simulatedAgent, simulatedRules()]])
    this.#reader = createReader(library, { clock: options.clock, finder })
  }

  /** One node, `index` from 0, until `signal` aborts; it says then that it was stopped. */
  async run(
    membership: Membership,
    index: number,
    listeners: NodeListeners,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, pace } = this.#options
    const host = new MemoryHost({ node: membership.name, clock })
    const lives = this.#openSessions(host).map((pane) => new SimulatedAgent(pane, clock, pace, signal).live())
    const machine = new SimulatedMachine(membership.name, index, clock.now())
    const metrics = {
      sample: async () => machine.sample(clock.now(), host.panes.map(asSession)),
      facts: async () => machine.facts,
    }
    const options = { membership, metrics, onNewKey: () => undefined, ...listeners }
    await Promise.all([runNodeAgent(this.#hereOf(host), options, signal), ...lives])
  }

  #openSessions(host: MemoryHost): MemoryPane[] {
    return Array.from({ length: this.#options.sessions }, (_, number) => {
      const pane = host.addPane(`dev-${number + 1}`, simulatedAgent)
      pane.pid = this.#lastPid += 2
      pane.path = simulatedFolder()
      this.#agents.set(pane.pid, processOf(pane, this.#begunAt))
      return pane
    })
  }

  #hereOf(host: MemoryHost): Here {
    const { clock, log } = this.#options
    return {
      host,
      openSweeps: () => host.openSweeps(),
      terminals: noTerminals,
      launcher: noLauncher,
      reader: this.#reader,
      checkouts: noCheckouts,
      folders: noFolders,
      hooks: noHooks,
      clock,
      log,
    }
  }
}

function asSession(pane: MemoryPane) {
  return { key: paneKey(pane), busy: pane.busy }
}

function processOf({ pid, path }: MemoryPane, startedAt: number): AgentProcess {
  return {
    kind: simulatedAgent,
    pid: pid + 1,
    startedAt,
    argv: [simulatedAgent],
    cwd: path,
    home: null,
    claudeConfigDir: null,
    codexHome: null,
    xdgDataHome: null,
  }
}

const noTerminals: Here['terminals'] = {
  attach: () => Promise.reject(new AppError('unavailable', 'A simulated session has no terminal.')),
}

const noLauncher: Here['launcher'] = {
  prepare: () => Promise.reject(new AppError('unavailable', 'A simulated machine starts no programs.')),
}

const noCheckouts: Here['checkouts'] = {
  stateOf: async () => null,
  changesOf: async () => ({ commits: [], files: [], addedLines: 0, removedLines: 0 }),
}

const noFolders: Here['folders'] = {
  projectRootOf: async () => null,
  realPaths: async (paths) => paths.map(() => null),
  ownData: async () => '/home/pi/architect/data',
}

const noHooks: HookInbox = {
  listen: async () => undefined,
  keep: async () => undefined,
  decide: async () => 'too_late',
  [Symbol.asyncDispose]: async () => undefined,
}
