import type { Config } from '../config.ts'
import { tokenVariable, toolServer, toolsEnvironment, toolsProgram } from './tools.ts'

/** `wait_for` may take 50 s; opencode gives up after 5 s unless it is told otherwise. */
const answerWithinMs = 70_000

/** The variable from which opencode takes more settings, beside those in its user's files. */
export const contentVariable = 'OPENCODE_CONFIG_CONTENT'

/** The environment that gives an opencode our tools. It has no hooks. */
export function opencodeTools(
  config: Pick<Config, 'dataDir' | 'tmuxSocket'>,
  dashboardUrl: string | null,
): Record<string, string> {
  const here = { type: 'local', command: toolsProgram, environment: toolsEnvironment(config) }
  const headers = { Authorization: `Bearer {env:${tokenVariable}}` }
  const there = { type: 'remote', url: `${dashboardUrl}/mcp`, headers, oauth: false }
  const server = { ...(dashboardUrl === null ? here : there), enabled: true, timeout: answerWithinMs }
  return { [contentVariable]: JSON.stringify({ mcp: { [toolServer]: server } }) }
}
