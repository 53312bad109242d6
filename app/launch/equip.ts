import type { Config } from '../config.ts'
import type { AgentKind } from '../core/session.ts'
import { codexHooks, codexTools } from './codex.ts'
import { geminiLacks } from './gemini.ts'
import { claudeSettings } from './hooks.ts'
import { contentVariable, opencodeTools } from './opencode.ts'
import { telemetryEnvironment } from './telemetry.ts'
import { claudeTools, tokenVariable, toolServer } from './tools.ts'

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
 * Where an agent finds its tools: at a dashboard; in a program beside it, which needs the database; null: nowhere.
 */
export type ToolPlace = { url: string } | 'program' | null

export type EquipConfig = Pick<Config, 'dataDir' | 'tmuxSocket'>

/** Whether there is anything that Architect can give this kind of agent. */
export function takesEquipment(agent: AgentKind | null): boolean {
  return givers.has(agent)
}

/**
 * What Architect gives a program that it starts on this machine: its session's name, and as far as its agent takes
 * them beside its user's own settings, hooks, tools and telemetry that nobody need install. What `argv` says itself
 * is left as it is.
 */
export async function equipAgent(
  config: EquipConfig,
  tools: ToolPlace,
  wanted: WantedAgent,
  token: string | null,
): Promise<AgentSession> {
  const { name, agent } = wanted
  const give = givers.get(agent)
  const named = { ARCHITECT_SESSION: name }
  if (!give) return { command: [...wanted.argv], env: named, note: null }
  const { args = [], env = {}, note = null } = await give(config, tools, wanted)
  const given = { command: [...wanted.argv, ...args], env: { ...named, ...env }, note }
  if (tools === null || tools === 'program' || token === null) return given
  const telemetry = agent === 'claude' ? telemetryEnvironment({ url: tools.url, token }) : {}
  return { ...given, env: { ...given.env, [tokenVariable]: token, ...telemetry } }
}

interface Given {
  args?: string[]
  env?: Record<string, string>
  note?: string | null
}

type Give = (config: EquipConfig, tools: ToolPlace, wanted: WantedAgent) => Promise<Given>

const givers = new Map<AgentKind | null, Give>(
  Object.entries<Give>({
    async claude(config, place, { argv }) {
      const hooks = argv.includes('--settings') ? [] : await claudeSettings(config.dataDir)
      const tools =
        place === null || argv.includes('--mcp-config') ? [] : await claudeTools(config, urlOf(place))
      return { args: [...hooks, ...tools] }
    },
    async codex(config, place, { argv, dir, userEnv = process.env }) {
      const saysOwn = (key: string) => argv.some((word) => word.startsWith(key))
      const hooks = saysOwn('hooks.')
        ? { args: [], trusted: true }
        : await codexHooks(config.dataDir, dir, userEnv)
      const hasOwn = place === null || saysOwn(`mcp_servers.${toolServer}`)
      const tools = hasOwn ? [] : await codexTools(config, urlOf(place), dir, userEnv)
      return { args: [...hooks.args, ...tools], note: hooks.trusted ? null : codexAsks }
    },
    async gemini(config, _place, { dir, userEnv = process.env }) {
      return { note: await geminiLacks(config.dataDir, { env: userEnv, project: dir }) }
    },
    async opencode(config, place, { userEnv = process.env }) {
      const hasOwn = place === null || userEnv[contentVariable] !== undefined
      return { env: hasOwn ? {} : opencodeTools(config, urlOf(place)) }
    },
  }),
)

const codexAsks =
  'Codex asks whether it may run Architect\'s hooks ("Hooks need review"): look at them and choose; it asks once.'

/** null: a program beside the agent. */
function urlOf(place: NonNullable<ToolPlace>): string | null {
  return place === 'program' ? null : place.url
}
