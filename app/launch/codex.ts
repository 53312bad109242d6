import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { unlessMissing } from '../core/missing.ts'
import { ownEntries } from '../hooks/entries.ts'
import { prepareHookFolder } from '../hooks/prepare.ts'
import { hookStatus } from '../hooks/settings/install.ts'
import { settingsFolderOf } from '../hooks/settings/places.ts'
import { areTrusted } from '../hooks/settings/trust.ts'
import { tokenVariable, toolServer, toolsEnvironment, toolsProgram } from './tools.ts'

/*
 * A Codex takes single settings as arguments (`-c key=value`, the value in TOML) beside its user's own. It keeps
 * to its checks all the same: it runs none of these hooks before a person has looked at them.
 */

/**
 * Arguments that give a Codex our hooks; none where they are in its settings already, for its user or for the
 * folder. `trusted` is false while Codex will ask a person about them.
 */
export async function codexHooks(
  dataDir: string,
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<{ args: string[]; trusted: boolean }> {
  const { program } = await prepareHookFolder(dataDir)
  for (const project of [null, dir]) {
    const { state } = await hookStatus('codex', program, { env, project })
    if (state !== 'not_installed') return { args: [], trusted: state !== 'needs_trust' }
  }
  const entries = Object.entries(ownEntries(program, 'codex'))
  const args = entries.flatMap(([event, { type, command, timeout }]) => {
    const hook = `{type=${toml(type)},command=${toml(command)},timeout=${timeout}}`
    return ['-c', `hooks.${event}=[{hooks=[${hook}]}]`]
  })
  const placed = entries.map(([event, entry]) => ({ event, group: 0, hook: 0, entry }))
  const config = settingsFolderOf('codex', { env, project: null })
  return { args, trusted: await areTrusted(argumentsAsFile, placed, config) }
}

/** What Codex calls the place of hooks that came as arguments, where it notes which ones are trusted. */
const argumentsAsFile = '/<session-flags>/config.toml'

/**
 * Arguments that give a Codex our tools; none where a server of this name is in its settings, because Codex
 * makes one server of both and then does not start.
 */
export async function codexTools(
  config: Pick<Config, 'dataDir' | 'tmuxSocket'>,
  dashboardUrl: string | null,
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  for (const project of [null, dir]) {
    const file = join(settingsFolderOf('codex', { env, project }), 'config.toml')
    if (namesOurServer.test(await readFile(file, 'utf8').catch(unlessMissing('')))) return []
  }
  const [command, ...args] = toolsProgram
  const here = `command=${toml(command)},args=${toml(args)},env=${inlineTable(toolsEnvironment(config))}`
  const there = `url=${toml(`${dashboardUrl}/mcp`)},bearer_token_env_var=${toml(tokenVariable)}`
  // As Claude: our own tools ask nobody.
  const server = `{${dashboardUrl === null ? here : there},default_tools_approval_mode="approve"}`
  return ['-c', `mcp_servers.${toolServer}=${server}`]
}

/** As a table, or as a key of `[mcp_servers]`. */
const namesOurServer = new RegExp(
  `^\\s*(?:\\[\\s*mcp_servers\\s*\\.\\s*)?["']?${toolServer}["']?\\s*[\\].=]`,
  'm',
)

/** JSON's strings and lists are TOML's as well. */
function toml(value: string | readonly string[]): string {
  return JSON.stringify(value)
}

function inlineTable(values: Record<string, string>): string {
  return `{${Object.entries(values)
    .map(([key, value]) => `${key}=${toml(value)}`)
    .join(',')}}`
}
