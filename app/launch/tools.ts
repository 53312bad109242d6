import { join } from 'node:path'
import { packageRoot } from '../core/paths.ts'
import { hookPaths } from '../hooks/paths.ts'
import { writeWhole } from '../hooks/prepare.ts'

/** The name under which agents list our tools. */
export const toolServer = 'architect'
/** What Claude's permissions call all of them. */
export const toolsRule = `mcp__${toolServer}`

/** What an agent starts for its tools where it can't ask a dashboard: they work on the database themselves. */
export const toolsProgram = [join(packageRoot, 'deploy.sh'), 'mcp', 'serve'] as const

/**
 * Arguments that give a Claude our tools: from the dashboard, which costs no process of its own and is proved
 * by the token in the agent's environment; without one, from a program beside it.
 */
export async function claudeTools(dataDir: string, dashboardUrl: string | null): Promise<string[]> {
  const [command, ...args] = toolsProgram
  const headers = { Authorization: 'Bearer ${ARCHITECT_SESSION_TOKEN}' }
  const server =
    dashboardUrl === null
      ? { type: 'stdio', command, args }
      : { type: 'http', url: `${dashboardUrl}/mcp`, headers }
  const path = join(hookPaths(dataDir).folder, dashboardUrl === null ? 'tools-here.json' : 'tools.json')
  await writeWhole(path, `${JSON.stringify({ mcpServers: { [toolServer]: server } }, null, 2)}\n`)
  return ['--mcp-config', path]
}
