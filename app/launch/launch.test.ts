import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { findSessionToken } from '../db/account/session-tokens.ts'
import { registerProcess } from '../db/processes.ts'
import { hashSecret } from '../accounts/secret.ts'
import { hookCommand } from '../hooks/entries.ts'
import { databases } from '../testing/databases.ts'
import { makeHookFolder, type HookFolder } from '../testing/hook-folder.ts'
import { readConfig } from '../config.ts'
import { agentSession } from './agent-session.ts'

const claude = { name: 'dev', agent: 'claude', argv: ['claude', '--continue'] }

test("a Claude that Architect starts has hooks and tools, and its user's settings stay as they are", async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)

  const { command, env } = await agentSession(surroundings, claude)

  const { program, sessionSettings } = folder.paths
  const [hooks, tools] = await Promise.all([sessionSettings, command.at(-1)!].map(readJson))
  expect(command.slice(0, 4)).toEqual(['claude', '--continue', '--settings', sessionSettings])
  expect(hooks).toMatchObject({
    hooks: { Stop: [{ hooks: [{ command: hookCommand(program, 'claude', 'Stop') }] }] },
    permissions: { allow: ['mcp__architect'] },
  })
  expect(tools).toMatchObject({
    mcpServers: { architect: { type: 'stdio', args: ['mcp', 'serve'] } },
  })
  expect(env).toEqual({ ARCHITECT_SESSION: 'dev' })
})

test('while a dashboard runs, it has a token of its own for tools and telemetry there', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  await runDashboard(surroundings, 'http://127.0.0.1:8080/')

  const { command, env } = await agentSession(surroundings, claude)

  const token = env['ARCHITECT_SESSION_TOKEN']!
  const found = await findSessionToken(surroundings.database.kysely, hashSecret(token), Date.now())
  const tools = JSON.stringify(await readJson(command.at(-1)!))
  expect(found).toMatchObject({ name: 'dev' })
  expect(tools).toContain('http://127.0.0.1:8080/mcp')
  expect(tools).not.toContain(token)
  expect(env).toMatchObject({
    CLAUDE_CODE_ENABLE_TELEMETRY: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8080',
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${token}`,
  })
})

test('a dashboard with a certificate that no agent trusts is passed over', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  await runDashboard(surroundings, 'https://127.0.0.1:8080/')

  const { env } = await agentSession(surroundings, claude)

  expect(env).toEqual({ ARCHITECT_SESSION: 'dev' })
})

test('settings and tools that a person chose, and other agents, are left alone', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const argv = ['claude', '--settings', 'mine.json', '--mcp-config', 'mine.json']

  const own = await agentSession(surroundings, { ...claude, argv })
  const codex = await agentSession(surroundings, { name: 'dev', agent: 'codex', argv: ['codex'] })

  expect(own.command).toEqual(argv)
  expect(codex.command).toEqual(['codex'])
})

async function surroundingsOf({ dataDir }: HookFolder) {
  const store = await databases[0]!.open()
  const config = readConfig({ ARCHITECT_DATA: dataDir, ARCHITECT_NODE: 'here' })
  return {
    config,
    clock: systemClock,
    database: store.database,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

async function runDashboard(
  { database, clock }: Awaited<ReturnType<typeof surroundingsOf>>,
  address: string,
) {
  const process = { id: 'd', kind: 'dashboard', pid: 1, host: hostname(), version: '1' }
  await database.write((db) => registerProcess(db, { ...process, address, startedAt: clock.now() }))
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
