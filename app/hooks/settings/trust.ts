import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessMissing } from '../../core/missing.ts'
import type { PlacedHook } from './edit.ts'

/**
 * Whether a person has told Codex to trust these hooks. Codex 0.169 notes that in its config.toml, one table for
 * each place of a hook; it runs none before, and asks again by itself when one was changed.
 */
export async function areTrusted(
  hooksFile: string,
  hooks: readonly PlacedHook[],
  codexHome = dirname(hooksFile),
): Promise<boolean> {
  const config = await readConfig(join(codexHome, 'config.toml'))
  return hooks.every(({ event, group, hook }) => {
    const place = `${hooksFile}:${snakeCase(event)}:${group}:${hook}`
    return config.includes(`[hooks.state.${JSON.stringify(place)}]`)
  })
}

function snakeCase(event: string): string {
  return event.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}

async function readConfig(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(unlessMissing(''))
}
