import { join } from 'node:path'
import type { Config } from '../config.ts'
import { packageRoot } from '../core/paths.ts'
import { hookPaths } from '../hooks/paths.ts'
import { writeWhole } from '../hooks/prepare.ts'

/** The name under which agents list our tools. */
export const toolServer = 'architect'
/** What Claude's permissions call all of them. */
export const toolsRule = `mcp__${toolServer}`
/** The variable in a session's environment that holds its token. */
export const tokenVariable = 'ARCHITECT_SESSION_TOKEN'

/** What an agent starts for its tools where it can't ask a dashboard: they work on the database themselves. */
export const toolsProgram = [join(packageRoot, 'deploy.sh'), 'mcp', 'serve'] as const

/** What that program has to know; agents pass little of their own environment on. */
export function toolsEnvironment({
  dataDir,
  tmuxSocket,
}: Pick<Config, 'dataDir' | 'tmuxSocket'>): Record<string, string> {
  return {
    ARCHITECT_DATA: dataDir,
    ...(tmuxSocket !== null && { ARCHITECT_TMUX_SOCKET: tmuxSocket }),
  }
}

/**
 * Arguments that give a Claude our tools: from the dashboard, which costs no process of its own and is proved
 * by the token in the agent's environment; without one, from a program beside it.
 */
export async function claudeTools(
  config: Pick<Config, 'dataDir' | 'tmuxSocket'>,
  dashboardUrl: string | null,
): Promise<string[]> {
  const [command, ...args] = toolsProgram
  const headers = { Authorization: `Bearer \${${tokenVariable}}` }
  const server =
    dashboardUrl === null
      ? { type: 'stdio', command, args, env: toolsEnvironment(config) }
      : { type: 'http', url: `${dashboardUrl}/mcp`, headers }
  const name = dashboardUrl === null ? 'tools-here.json' : 'tools.json'
  const path = join(hookPaths(config.dataDir).folder, name)
  await writeWhole(path, `${JSON.stringify({ mcpServers: { [toolServer]: server } }, null, 2)}\n`)
  return ['--mcp-config', path]
}
