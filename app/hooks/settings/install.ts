import { existsSync } from 'node:fs'
import { AppError } from '../../core/errors.ts'
import { ownEntries } from '../entries.ts'
import { hookedAgents, type HookedAgent } from '../messages/read.ts'
import { faultOf, isSwitchedOff, ownHooks, withHooks, withoutHooks } from './edit.ts'
import { openSettings, replaceSettings } from './file.ts'
import { settingsFileOf, settingsFolderOf, type SettingsChoice } from './places.ts'
import { areTrusted } from './trust.ts'

/**
 * - `outdated`: some of our entries are missing, or are of another release; `install` puts that right.
 * - `needs_trust`: Codex asks a person whether it may run them, when it starts the next time.
 * - `switched_off`: the agent was told to run no hooks at all.
 * - `broken`: the file can't be read as settings; nothing is changed in it.
 */
export type HookState = 'installed' | 'not_installed' | 'outdated' | 'needs_trust' | 'switched_off' | 'broken'

export interface HookStatus {
  agent: HookedAgent
  state: HookState
  /** The settings file. */
  file: string
  /** What is wrong with it, where it is broken. */
  fault: string | null
}

/** Agents that have been used here: they have a settings folder. */
export function presentAgents(choice: SettingsChoice): HookedAgent[] {
  const own = { ...choice, project: null }
  return hookedAgents.filter((agent) => existsSync(settingsFolderOf(agent, own)))
}

/** Puts our hooks into the agent's settings; returns whether anything had to be changed. Throws `invalid`. */
export function installHooks(agent: HookedAgent, program: string, choice: SettingsChoice): Promise<boolean> {
  return editSettings(agent, choice, (text) => withHooks(text, program, agent))
}

/** Takes our hooks out again; returns whether any were there. Throws `invalid`. */
export function removeHooks(agent: HookedAgent, program: string, choice: SettingsChoice): Promise<boolean> {
  return editSettings(agent, choice, (text) => withoutHooks(text, program))
}

export async function hookStatus(
  agent: HookedAgent,
  program: string,
  choice: SettingsChoice,
): Promise<HookStatus> {
  const file = settingsFileOf(agent, choice)
  const { text } = await openSettings(file)
  const fault = faultOf(text ?? '', agent)
  const state = fault === null ? await stateOf(agent, program, file, text ?? '') : 'broken'
  return { agent, state, file, fault }
}

async function stateOf(agent: HookedAgent, program: string, file: string, text: string): Promise<HookState> {
  const own = ownHooks(text, program)
  if (own.length === 0) return 'not_installed'
  const wanted = Object.keys(ownEntries(program, agent)).length
  if (own.length !== wanted || withHooks(text, program, agent) !== text) return 'outdated'
  if (isSwitchedOff(text)) return 'switched_off'
  return agent === 'codex' && !(await areTrusted(file, own)) ? 'needs_trust' : 'installed'
}

async function editSettings(
  agent: HookedAgent,
  choice: SettingsChoice,
  edit: (text: string) => string,
): Promise<boolean> {
  const named = settingsFileOf(agent, choice)
  const file = await openSettings(named)
  const text = file.text ?? ''
  const fault = faultOf(text, agent)
  if (fault !== null) {
    throw new AppError(
      'invalid',
      `${named} was left as it is: ${fault}. Put that right first, then try again.`,
    )
  }
  const edited = edit(text)
  if (edited === text) return false
  await replaceSettings(file, edited)
  return true
}
