import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { HookedAgent } from '../messages/read.ts'

/** Whose settings are meant: the user's own, or those of one project for this user alone. */
export interface SettingsChoice {
  env: NodeJS.ProcessEnv
  /** A project's folder; null: the user's own settings. */
  project: string | null
}

/** The file in which an agent looks for hooks. */
export function settingsFileOf(agent: HookedAgent, { env, project }: SettingsChoice): string {
  return join(settingsFolderOf(agent, { env, project }), files[agent][project === null ? 'user' : 'project'])
}

export function settingsFolderOf(agent: HookedAgent, { env, project }: SettingsChoice): string {
  if (project !== null) return join(resolve(project), `.${agent}`)
  const own =
    agent === 'claude' ? env['CLAUDE_CONFIG_DIR'] : agent === 'codex' ? env['CODEX_HOME'] : undefined
  return resolve(own || join(env['HOME'] || homedir(), `.${agent}`))
}

const files: Record<HookedAgent, { user: string; project: string }> = {
  claude: { user: 'settings.json', project: 'settings.local.json' },
  codex: { user: 'hooks.json', project: 'hooks.json' },
  gemini: { user: 'settings.json', project: 'settings.json' },
}
