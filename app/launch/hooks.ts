import { ownEntries } from '../hooks/entries.ts'
import { prepareHookFolder, writeWhole } from '../hooks/prepare.ts'
import { toolsRule } from './tools.ts'

/**
 * Arguments that give a Claude the hooks which its user need not install, and lets it use our tools without
 * asking: more settings, from a file, beside its user's own.
 */
export async function claudeSettings(dataDir: string): Promise<string[]> {
  const { program, sessionSettings } = await prepareHookFolder(dataDir)
  const hooks = Object.fromEntries(
    Object.entries(ownEntries(program, 'claude')).map(([event, entry]) => [event, [{ hooks: [entry] }]]),
  )
  const settings = { hooks, permissions: { allow: [toolsRule] } }
  await writeWhole(sessionSettings, `${JSON.stringify(settings, null, 2)}\n`)
  return ['--settings', sessionSettings]
}
