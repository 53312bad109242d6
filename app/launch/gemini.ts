import { readFile } from 'node:fs/promises'
import { unlessMissing } from '../core/missing.ts'
import { hookPaths } from '../hooks/paths.ts'
import { hookStatus } from '../hooks/settings/install.ts'
import { settingsFileOf, type SettingsChoice } from '../hooks/settings/places.ts'
import { toolServer } from './tools.ts'

/**
 * Gemini CLI 0.61 takes hooks and tools from settings files only: its user's, the project's, and two of the
 * system, which count only where they and all folders above them belong to root. So a person installs them.
 * Returns what is missing in the settings for this folder, as a sentence; null when nothing is.
 */
export async function geminiLacks(dataDir: string, choice: SettingsChoice): Promise<string | null> {
  const { program } = hookPaths(dataDir)
  const places = [{ ...choice, project: null }, choice]
  const states = await Promise.all(places.map((place) => hookStatus('gemini', program, place)))
  const texts = await Promise.all(
    places.map((place) => readFile(settingsFileOf('gemini', place), 'utf8').catch(unlessMissing(''))),
  )
  const lacks = [
    ...(states.every(({ state }) => state === 'not_installed') ? ['hooks'] : []),
    ...(texts.every((text) => !text.includes(`"${toolServer}"`)) ? ['mcp'] : []),
  ]
  if (lacks.length === 0) return null
  const commands = lacks.map((what) => `./deploy.sh ${what} install --agent gemini`)
  return `Gemini takes ${words(lacks)} from its settings files only, for its next start: ${commands.join('; ')}`
}

function words(lacks: string[]): string {
  return lacks.map((what) => (what === 'mcp' ? 'tools' : what)).join(' and ')
}
