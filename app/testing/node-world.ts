import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { pino } from 'pino'
import type { DirectLinks } from '../../distributed/hub/direct-links.ts'
import { NodeHub, type NodeRegistry } from '../../distributed/hub/node-hub.ts'
import type { Here } from '../../distributed/agent/here.ts'
import { runNodeAgent } from '../../distributed/agent/node-agent.ts'
import { HubSites } from '../../distributed/remote/hub-sites.ts'
import type { AgentFinder } from '../agents/process.ts'
import { createReader } from '../agents/reader.ts'
import { parseRules } from '../agents/library.ts'
import { readFileSync } from 'node:fs'
import { systemClock } from '../core/clock.ts'
import { foldersHere } from '../core/folders.ts'
import type { HookInbox } from '../core/hook.ts'
import type { SessionHost } from '../core/host.ts'
import { noFacts } from '../core/node.ts'
import type { Site } from '../core/site.ts'
import { AppError } from '../core/errors.ts'
import { launcherHere } from '../launch/launcher.ts'
import { TmuxHost } from '../hosts/tmux/tmux-host.ts'
import { localCheckouts } from '../hosts/git.ts'
import { MemoryHost } from '../../distributed/simulator/memory-host.ts'
import { emptySample } from './empty-sample.ts'
import { scriptedRules } from './scripted-agent/scripted-agent.ts'

const log = pino({ level: 'silent' })
const secret = Buffer.from('the secret of this installation')

/** A hub, with doors that a test opens and closes, and the assigner's side of it. */
export interface NodeWorld extends AsyncDisposable {
  url: string
  hub: NodeHub
  sites: HubSites
  /** As another program of the installation reaches one node. */
  guestOf(node: string): HubSites
  /** A node agent over this host; `clockAheadMs`: how wrong its clock is. */
  startAgent(name: string, host: SessionHost, clockAheadMs?: number): RunningAgent
  /** The node as the assigner has it, once it was heard. */
  site(name: string): Promise<Site>
}

export interface RunningAgent extends AsyncDisposable {
  /** Why it is not connected; null while it is. */
  down: string | null
}

/** `links`: for who works with the nodes in the hub's own process. */
export async function startNodeWorld(
  own: Partial<NodeRegistry> = {},
  links?: DirectLinks,
): Promise<NodeWorld> {
  const server = createServer()
  const registry = { ...openRegistry(), ...own }
  const hub = new NodeHub(server, { registry, secret, log, ...(links && { links }) })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rules = createReader(library)
  const reach = { findHub: async () => ({ url }), secret, clock: systemClock, rules, log }
  const sites = new HubSites({ ...reach, as: 'assigner' })
  const waiting: ((site: Site) => void)[] = []
  const known: Site[] = []
  sites.onJoin((site) => {
    known.push(site)
    for (const tell of waiting) tell(site)
  })
  return {
    url,
    hub,
    sites,
    guestOf: (node) => new HubSites({ ...reach, as: { guestOf: node } }),
    startAgent: (name, host, clockAheadMs = 0) =>
      startNodeAgent({ url, name, key: `key of ${name}`, host, clockAheadMs }),
    site: (name) =>
      new Promise((resolve) => {
        const isIt = (site: Site) => site.host.node === name && resolve(site)
        waiting.push(isIt)
        for (const site of known) isIt(site)
      }),
    async [Symbol.asyncDispose]() {
      await sites[Symbol.asyncDispose]()
      await hub[Symbol.asyncDispose]()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A node agent in this process, which works with scripted agents. */
export function startNodeAgent(options: {
  url: string
  name: string
  key: string
  host: SessionHost
  /** How wrong its clock is. */
  clockAheadMs?: number
  log?: Here['log']
}): RunningAgent {
  const { url, name, key, host, clockAheadMs = 0 } = options
  const stopping = new AbortController()
  const clock = { ...systemClock, now: () => Date.now() + clockAheadMs }
  const here = {
    host,
    openSweeps: () => (host instanceof TmuxHost || host instanceof MemoryHost ? host.openSweeps() : host),
    terminals: host instanceof TmuxHost ? host : noTerminals,
    launcher: launcherHere({
      config: { dataDir: '/nowhere', tmuxSocket: null, runtimeDir: tmpdir() },
      library,
      findTools: async () => null,
    }),
    reader: createReader(library, { clock, ...(host instanceof MemoryHost && { finder: agentsIn(host) }) }),
    checkouts: localCheckouts,
    folders: foldersHere('/nowhere'),
    hooks: noHooks,
    clock,
    log: options.log ?? log,
  }
  const metrics = {
    sample: async () => emptySample(clock.now()),
    facts: async () => noFacts,
  }
  const agent = {
    down: 'not yet connected' as string | null,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
  const running = runNodeAgent(
    here,
    {
      membership: { url, name, key, agentVersion: '1' },
      metrics,
      onNewKey: () => undefined,
      onUp: () => (agent.down = null),
      onDown: (reason) => (agent.down = reason),
    },
    stopping.signal,
  )
  return agent
}

/** Somebody's agent runs in each pane of a host in memory. */
function agentsIn(host: MemoryHost): AgentFinder {
  return {
    find(pid) {
      const pane = host.panes.find((each) => each.pid === pid)
      if (!pane) return null
      const homes = { home: null, claudeConfigDir: null, codexHome: null, xdgDataHome: null }
      return { kind: 'scripted', pid, startedAt: 1, argv: [], cwd: pane.path, ...homes }
    },
  }
}

function openRegistry(): NodeRegistry {
  return {
    join: async ({ name }) => ({ name, key: `key of ${name}` }),
    admit: async ({ name }) => ({ id: 1, name }),
    report: async () => ({ everyMs: 10_000, sampleEveryMs: 10_000 }),
    lost: async () => undefined,
  }
}

const library = new Map([['scripted', parseRules(readFileSync(scriptedRules, 'utf8'), scriptedRules)]])

const noTerminals = {
  attach: () => Promise.reject(new AppError('unavailable', 'There are no terminals in memory.')),
}

const noHooks: HookInbox = {
  listen: async () => undefined,
  keep: async () => undefined,
  decide: async () => 'too_late',
  [Symbol.asyncDispose]: async () => undefined,
}
