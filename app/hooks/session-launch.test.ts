import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { makeHookFolder } from '../testing/hook-folder.ts'
import { hookCommand } from './entries.ts'
import { commandWithHooks, sessionEnvironment } from './session-launch.ts'

test("a Claude that Architect starts has hooks, and its user's settings stay as they are", async () => {
  await using folder = await makeHookFolder()

  const command = await commandWithHooks('claude', ['claude', '--continue'], folder.dataDir)

  expect(command).toEqual(['claude', '--continue', '--settings', folder.paths.sessionSettings])
  const { hooks } = JSON.parse(await readFile(folder.paths.sessionSettings, 'utf8')) as {
    hooks: Record<string, { hooks: { command: string }[] }[]>
  }
  expect(hooks['Stop']![0]!.hooks[0]!.command).toBe(hookCommand(folder.paths.program, 'claude', 'Stop'))
})

test('settings that a person chose, and other agents, are left alone', async () => {
  await using folder = await makeHookFolder()

  const own = await commandWithHooks('claude', ['claude', '--settings', 'mine.json'], folder.dataDir)
  const codex = await commandWithHooks('codex', ['codex'], folder.dataDir)

  expect(own).toEqual(['claude', '--settings', 'mine.json'])
  expect(codex).toEqual(['codex'])
})

test('a session is told its name, and where its figures go while a dashboard runs', () => {
  expect(sessionEnvironment('dev', null)).toEqual({ ARCHITECT_SESSION: 'dev' })
  expect(sessionEnvironment('dev', { url: 'http://localhost:8080', token: 'secret' })).toMatchObject({
    ARCHITECT_SESSION: 'dev',
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:8080',
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer secret',
  })
})
