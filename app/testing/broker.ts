import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { submit } from '../broker/commands.ts'
import type { Decide } from '../broker/interactions/judge.ts'
import { readConfig, type Config } from '../config.ts'
import type { Attempt } from '../core/attempt.ts'
import { endStates, type NewPrompt, type Prompt, type PromptId } from '../core/prompt.ts'
import { attemptsOf } from '../db/attempts.ts'
import { openDatabase, type Database } from '../db/open.ts'
import { getPrompt } from '../db/prompts.ts'
import { placeUnhurried } from './migrated.ts'
import {
  scriptedRules,
  startScriptedAgent,
  type Behaviour,
  type ScriptedAgent,
} from './scripted-agent/scripted-agent.ts'
import { Hooks, startSteppedAssigner, type SteppedAssigner, type TestTime } from './stepped-assigner.ts'
import type { HostStep } from './stepped-host.ts'
import { startTmux, type TmuxFixture } from './tmux.ts'
import { patienceMs, waitFor } from './wait-for.ts'

/** A whole broker of a test's own: data folder, private tmux, scripted agents, and the assigner in this process. */
export interface TestBroker extends AsyncDisposable {
  server: TmuxFixture
  config: Config
  database: Database
  agent(name: string): ScriptedAgent
  addAgent(name: string, behaviour?: Behaviour): Promise<ScriptedAgent>
  /** The assigner's own time. */
  time: TestTime
  /** Starts the assigner; it sees the agents that are there by then. */
  start(): Promise<void>
  stop(): Promise<void>
  send(content: string, options?: Partial<NewPrompt>): Promise<PromptId>
  /** `once('before', 'paste', …)`: runs exactly there, the next time that this step is taken. */
  once(moment: 'before' | 'after', step: HostStep, act: () => Promise<unknown>): void
  /** Waits until the screen of an agent shows this text. */
  shows(name: string, text: string): Promise<void>
  /** Waits until the screen of an agent no longer shows it. */
  showsNoMore(name: string, text: string): Promise<void>
  /** Ends the tmux client of the assigner, by its process id. */
  killClient(): Promise<void>
  /** Ends the tmux server, and everything in it. */
  killServer(): Promise<void>
  /** The prompt and its attempts, as soon as `is` holds. */
  when(id: PromptId, is: (prompt: Prompt) => boolean, what: string, withinMs?: number): Promise<Settled>
  /** …as soon as it is over. */
  settled(id: PromptId, withinMs?: number): Promise<Settled>
}

export interface Settled {
  prompt: Prompt
  attempts: Attempt[]
}

export async function startBroker(
  options: { agents?: Record<string, Behaviour>; running?: boolean; decide?: Decide } = {},
): Promise<TestBroker> {
  const server = await startTmux()
  const config = await makeDataFolder(server)
  const database = await openDatabase({ dataDir: config.dataDir })
  const agents = new Map<string, ScriptedAgent>()
  const hooks = new Hooks()
  const time: TestTime = { aheadMs: 0 }
  let assigner: SteppedAssigner | null = null
  const broker: TestBroker = {
    server,
    config,
    database,
    time,
    agent: (name) => agents.get(name)!,
    async addAgent(name, behaviour = {}) {
      const agent = await startScriptedAgent(server, { name, behaviour })
      agents.set(name, agent)
      return agent
    },
    async start() {
      assigner = await startSteppedAssigner(
        config,
        hooks,
        time,
        options.decide ? { decide: options.decide } : {},
      )
    },
    async stop() {
      await assigner?.stop()
      assigner = null
    },
    async send(content, more = {}) {
      const { prompt } = await submit(database, { content, ...more }, Date.now())
      return prompt.id
    },
    once: (moment, step, act) => hooks.add(`${moment} ${step}`, act),
    shows: (name, text) => shows(server, agents.get(name)!, text, true),
    showsNoMore: (name, text) => shows(server, agents.get(name)!, text, false),
    killClient: () => killClients(server),
    killServer: () => killServer(server),
    when: (id, is, what, withinMs = patienceMs) => whenPrompt(database, id, is, what, withinMs),
    settled: (id, withinMs = patienceMs) => whenPrompt(database, id, isOver, 'its end', withinMs),
    async [Symbol.asyncDispose]() {
      await broker.stop()
      await database[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
  for (const [name, behaviour] of Object.entries(options.agents ?? { a: {} })) {
    await broker.addAgent(name, behaviour)
  }
  if (options.running !== false) await broker.start()
  return broker
}

/** A data folder beside the tmux socket, with the rules that read scripted agents. */
export async function makeDataFolder(server: TmuxFixture): Promise<Config> {
  const dataDir = join(server.folder, 'data')
  await mkdir(join(dataDir, 'agents'), { recursive: true })
  await copyFile(scriptedRules, join(dataDir, 'agents/scripted.yaml'))
  await placeUnhurried(dataDir)
  return readConfig(environmentOf(dataDir, server.socketPath))
}

/** What a process needs to work on a test's data folder and tmux server. */
export function environmentOf(dataDir: string, socketPath: string) {
  return {
    ARCHITECT_DATA: dataDir,
    ARCHITECT_TMUX_SOCKET: socketPath,
    ARCHITECT_NODE: 'test',
    LOG_LEVEL: 'warn',
  }
}

async function shows(server: TmuxFixture, { pane }: ScriptedAgent, text: string, wanted: boolean) {
  const screen = () => server.run('capture-pane', '-p', '-t', pane.paneId)
  const what = `"${text}" ${wanted ? 'on' : 'off'} the screen`
  await waitFor(async () => (await screen()).includes(text) === wanted, what)
}

async function killClients(server: TmuxFixture) {
  const rows = await server.run('list-clients', '-F', '#{client_control_mode} #{client_pid}')
  for (const row of rows.split('\n')) {
    if (row.startsWith('1 ')) process.kill(Number(row.slice(2)), 'SIGKILL')
  }
}

async function killServer(server: TmuxFixture) {
  const pid = Number(await server.run('display-message', '-p', '#{pid}'))
  process.kill(pid, 'SIGKILL')
  await waitFor(() => Promise.resolve(!isRunning(pid)), 'the end of the tmux server')
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false // that is the answer
  }
}

async function whenPrompt(
  database: Database,
  id: PromptId,
  is: (prompt: Prompt) => boolean,
  what: string,
  withinMs: number,
): Promise<Settled> {
  const prompt = await waitFor(
    async () => {
      const now = await getPrompt(database.kysely, id)
      return is(now) ? now : null
    },
    `prompt ${id}: ${what}`,
    withinMs,
  ).catch(async (error: unknown) => {
    const { state, reason, waitingFor, attention } = await getPrompt(database.kysely, id)
    throw new Error(`Prompt ${id} is ${JSON.stringify({ state, reason, waitingFor, attention })}`, {
      cause: error,
    })
  })
  return { prompt, attempts: await attemptsOf(database.kysely, id) }
}

function isOver({ state }: Prompt): boolean {
  return (endStates as readonly string[]).includes(state)
}
