import { giveSessionToken } from '../accounts/session-token.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { AgentKind } from '../core/session.ts'
import type { Database } from '../db/open.ts'
import { dashboardHere } from './dashboard.ts'
import { claudeSettings } from './hooks.ts'
import { telemetryEnvironment } from './telemetry.ts'
import { claudeTools } from './tools.ts'

interface Surroundings {
  config: Config
  clock: Clock
  database: Database
}

/**
 * What the program of a session is started with when Architect starts it: its name, and for Claude, which takes
 * more settings from files, hooks, tools and telemetry that its user need not install. What `argv` says itself
 * is left as it is.
 */
export async function agentSession(
  { config, clock, database }: Surroundings,
  { name, agent, argv }: { name: string; agent: AgentKind | null; argv: readonly string[] },
): Promise<{ command: string[]; env: Record<string, string> }> {
  const env = { ARCHITECT_SESSION: name }
  if (agent !== 'claude') return { command: [...argv], env }
  const url = await dashboardHere(database.kysely, clock.now())
  const hooks = argv.includes('--settings') ? [] : await claudeSettings(config.dataDir)
  const tools = argv.includes('--mcp-config') ? [] : await claudeTools(config.dataDir, url)
  const command = [...argv, ...hooks, ...tools]
  if (url === null) return { command, env }
  const token = await giveSessionToken(database, { node: config.node, name }, clock.now())
  return {
    command,
    env: { ...env, ARCHITECT_SESSION_TOKEN: token, ...telemetryEnvironment({ url, token }) },
  }
}
