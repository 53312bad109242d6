import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { expect, test } from 'vitest'
import { makeHookFolder, type HookFolder } from '../testing/hook-folder.ts'
import type { ToolPlace } from './equip.ts'
import { launcherHere } from './launcher.ts'

const claude = { name: 'dev', agent: 'claude', command: null, dir: '/tmp' }

test('a Claude on a node has hooks from there, and its tools and telemetry at the dashboard', async () => {
  await using folder = await makeHookFolder()

  const prepared = await launcherOf(folder, { url: 'http://10.0.0.1:8080' }).prepare(claude, 'archs_x', {})

  const { command, env, dir } = prepared
  expect(command.slice(0, 3)).toEqual(['claude', '--settings', folder.paths.sessionSettings])
  expect(await readFile(command.at(-1)!, 'utf8')).toContain('http://10.0.0.1:8080/mcp')
  expect(env).toMatchObject({
    ARCHITECT_SESSION: 'dev',
    ARCHITECT_SESSION_TOKEN: 'archs_x',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://10.0.0.1:8080',
  })
  expect(dir).toBe('/tmp')
})

test('a Claude on a node whose dashboard it could not trust has hooks, and no tools that would not work', async () => {
  await using folder = await makeHookFolder()

  const { command, env, note } = await launcherOf(folder, null).prepare(claude, 'archs_x', {})

  expect(command).toEqual(['claude', '--settings', folder.paths.sessionSettings])
  expect(env).toEqual({ ARCHITECT_SESSION: 'dev' })
  expect(note).toMatch(/none of Architect's tools/)
})

test('what is no agent is started as it is, in the home folder when none is named', async () => {
  await using folder = await makeHookFolder()
  const program = { name: 'dev', agent: null, command: ['top'], dir: null }

  const prepared = await launcherOf(folder, null).prepare(program, null, {})

  expect(prepared).toEqual({
    command: ['top'],
    env: { ARCHITECT_SESSION: 'dev' },
    dir: homedir(),
    note: null,
    hasSecrets: true,
  })
})

test('an agent that the machine does not know is refused with those that it knows', async () => {
  await using folder = await makeHookFolder()

  const refused = launcherOf(folder, null).prepare({ ...claude, agent: 'clod' }, null, {})

  await expect(refused).rejects.toThrow('There is no agent "clod"; there are claude.')
})

function launcherOf({ dataDir }: HookFolder, place: ToolPlace) {
  const library = new Map([['claude', { launch: { start: ['claude'], resume: null } }]])
  return launcherHere({
    config: { dataDir, tmuxSocket: null, runtimeDir: dataDir },
    library,
    findTools: async () => place,
  })
}
