import { readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { findSessionToken } from '../db/account/session-tokens.ts'
import { registerProcess } from '../db/processes.ts'
import { hashSecret } from '../accounts/secret.ts'
import { hookCommand } from '../hooks/entries.ts'
import { prepareHookFolder } from '../hooks/prepare.ts'
import { installHooks } from '../hooks/settings/install.ts'
import { databases } from '../testing/databases.ts'
import { makeHookFolder, type HookFolder } from '../testing/hook-folder.ts'
import { readConfig } from '../config.ts'
import { agentSession } from './agent-session.ts'

const claude = { name: 'dev', agent: 'claude', argv: ['claude', '--continue'], dir: '/tmp' }

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

test('a Codex that Architect starts has hooks and tools as arguments, and is said to ask about them', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  await runDashboard(surroundings, 'http://127.0.0.1:8080/')

  const { command, env, note } = await agentSession(surroundings, codexIn(folder))

  const stop = hookCommand(folder.paths.program, 'codex', 'Stop')
  expect(command).toContain(
    `hooks.Stop=[{hooks=[{type="command",command=${JSON.stringify(stop)},timeout=5}]}]`,
  )
  expect(command.at(-1)).toBe(
    'mcp_servers.architect={url="http://127.0.0.1:8080/mcp",bearer_token_env_var="ARCHITECT_SESSION_TOKEN",default_tools_approval_mode="approve"}',
  )
  expect(command.join(' ')).not.toContain(env['ARCHITECT_SESSION_TOKEN'])
  expect(note).toContain('Hooks need review')
})

test('a Codex whose user installed hooks or tools does not get them twice', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const wanted = codexIn(folder)
  const home = wanted.userEnv.CODEX_HOME
  await prepareHookFolder(folder.dataDir)
  await installHooks('codex', folder.paths.program, { env: wanted.userEnv, project: null })
  for (const text of ['[mcp_servers.architect]\n', '[mcp_servers]\narchitect = { command = "x" }\n']) {
    await writeFile(join(home, 'config.toml'), text)

    const { command } = await agentSession(surroundings, wanted)

    expect(command).toEqual(['codex'])
  }
})

test('a Codex gets neither hooks nor tools that its own arguments speak of', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const argv = ['codex', '-c', 'hooks.Stop=[]', '-c', 'mcp_servers.architect.command="mine"']

  const { command } = await agentSession(surroundings, { ...codexIn(folder), argv })

  expect(command).toEqual(argv)
})

test('an opencode has tools by its environment, unless something else is there', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const wanted = { ...claude, agent: 'opencode', argv: ['opencode'] }
  const userEnv = { OPENCODE_CONFIG_CONTENT: '{}' }

  const without = await agentSession(surroundings, { ...wanted, userEnv: {} })
  const own = await agentSession(surroundings, { ...wanted, userEnv })
  await runDashboard(surroundings, 'http://127.0.0.1:8080/')
  const given = await agentSession(surroundings, { ...wanted, userEnv: {} })

  const environment = { ARCHITECT_DATA: folder.dataDir }
  expect(JSON.parse(without.env['OPENCODE_CONFIG_CONTENT']!)).toMatchObject({
    mcp: { architect: { type: 'local', environment } },
  })
  expect(own.env).toEqual({ ARCHITECT_SESSION: 'dev' })
  expect(JSON.parse(given.env['OPENCODE_CONFIG_CONTENT']!)).toMatchObject({
    mcp: {
      architect: {
        type: 'remote',
        url: 'http://127.0.0.1:8080/mcp',
        headers: { Authorization: 'Bearer {env:ARCHITECT_SESSION_TOKEN}' },
      },
    },
  })
  expect(given.env['ARCHITECT_SESSION_TOKEN']).toBeTruthy()
})

test('what a Gemini lacks is said with the commands that put it right', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const userEnv = { HOME: folder.dataDir }
  const gemini = { ...claude, agent: 'gemini', argv: ['gemini'], userEnv }

  const before = await agentSession(surroundings, gemini)
  const { program } = await prepareHookFolder(folder.dataDir)
  await installHooks('gemini', program, { env: userEnv, project: null })
  const after = await agentSession(surroundings, gemini)

  expect(before.command).toEqual(['gemini'])
  expect(before.note).toContain(
    './deploy.sh hooks install --agent gemini; ./deploy.sh mcp install --agent gemini',
  )
  expect(after.note).toContain('Gemini takes tools')
  expect(after.note).not.toContain('hooks install')
})

test('settings and tools that a person chose, and what is no agent, are left alone', async () => {
  await using folder = await makeHookFolder()
  await using surroundings = await surroundingsOf(folder)
  const argv = ['claude', '--settings', 'mine.json', '--mcp-config', 'mine.json']

  const own = await agentSession(surroundings, { ...claude, argv })
  const shell = await agentSession(surroundings, { ...claude, agent: null, argv: ['sh'] })

  expect(own.command).toEqual(argv)
  expect(shell).toEqual({ command: ['sh'], env: { ARCHITECT_SESSION: 'dev' }, note: null })
})

/** A Codex whose own settings lie in the test's folder. */
function codexIn({ dataDir }: HookFolder) {
  return { ...claude, agent: 'codex', argv: ['codex'], userEnv: { CODEX_HOME: dataDir } }
}

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
