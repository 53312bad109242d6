import { giveSessionToken } from '../accounts/session-token.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { AgentKind } from '../core/session.ts'
import type { Database } from '../db/open.ts'
import { codexHooks, codexTools } from './codex.ts'
import { dashboardHere } from './dashboard.ts'
import { geminiLacks } from './gemini.ts'
import { claudeSettings } from './hooks.ts'
import { contentVariable, opencodeTools } from './opencode.ts'
import { telemetryEnvironment } from './telemetry.ts'
import { claudeTools, tokenVariable, toolServer } from './tools.ts'

interface Surroundings {
  config: Config
  clock: Clock
  database: Database
}

export interface WantedAgent {
  name: string
  agent: AgentKind | null
  argv: readonly string[]
  /** The folder that it will work in. */
  dir: string
  /** Where its user's settings are found (`HOME`, `CODEX_HOME`); this process's own when absent. */
  userEnv?: NodeJS.ProcessEnv
}

/** What the program of a session is started with. */
export interface AgentSession {
  command: string[]
  env: Record<string, string>
  /** What a person has to do before the agent has everything; null when it has, or needs nothing. */
  note: string | null
}

/**
 * What the program of a session is started with when Architect starts it: its name, its token while a dashboard
 * runs, and as far as its agent takes them beside its user's own settings, hooks, tools and telemetry that nobody
 * need install. What `argv` says itself is left as it is.
 */
export async function agentSession(surroundings: Surroundings, wanted: WantedAgent): Promise<AgentSession> {
  const { config, clock, database } = surroundings
  const { name, agent } = wanted
  const give = givers.get(agent)
  const named = { ARCHITECT_SESSION: name }
  if (!give) return { command: [...wanted.argv], env: named, note: null }
  const url = await dashboardHere(database.kysely, clock.now())
  const { args = [], env = {}, note = null } = await give(config, url, wanted)
  const given = { command: [...wanted.argv, ...args], env: { ...named, ...env }, note }
  if (url === null) return given
  const token = await giveSessionToken(database, { node: config.node, name }, clock.now())
  const telemetry = agent === 'claude' ? telemetryEnvironment({ url, token }) : {}
  return { ...given, env: { ...given.env, [tokenVariable]: token, ...telemetry } }
}

interface Given {
  args?: string[]
  env?: Record<string, string>
  note?: string | null
}

type Give = (config: Config, url: string | null, wanted: WantedAgent) => Promise<Given>

const givers = new Map<AgentKind | null, Give>(
  Object.entries<Give>({
    async claude(config, url, { argv }) {
      const hooks = argv.includes('--settings') ? [] : await claudeSettings(config.dataDir)
      const tools = argv.includes('--mcp-config') ? [] : await claudeTools(config, url)
      return { args: [...hooks, ...tools] }
    },
    async codex(config, url, { argv, dir, userEnv = process.env }) {
      const saysOwn = (key: string) => argv.some((word) => word.startsWith(key))
      const hooks = saysOwn('hooks.')
        ? { args: [], trusted: true }
        : await codexHooks(config.dataDir, dir, userEnv)
      const tools = saysOwn(`mcp_servers.${toolServer}`) ? [] : await codexTools(config, url, dir, userEnv)
      return { args: [...hooks.args, ...tools], note: hooks.trusted ? null : codexAsks }
    },
    async gemini(config, _url, { dir, userEnv = process.env }) {
      return { note: await geminiLacks(config.dataDir, { env: userEnv, project: dir }) }
    },
    async opencode(config, url, { userEnv = process.env }) {
      return { env: userEnv[contentVariable] === undefined ? opencodeTools(config, url) : {} }
    },
  }),
)

const codexAsks =
  'Codex asks whether it may run Architect\'s hooks ("Hooks need review"): look at them and choose; it asks once.'
