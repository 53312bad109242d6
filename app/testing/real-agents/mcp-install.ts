import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RegisteringAgent } from '../../cli/mcp/registration.ts'
import { builtProgram } from '../product.ts'
import { installAgent } from './install.ts'

/** What a user may have in the file that the agent's own command edits, and where the file lies. */
const settings: Record<RegisteringAgent, { file: string; text: string }> = {
  claude: {
    file: '.claude.json',
    text: json({ theme: 'light', mcpServers: { other: { type: 'stdio', command: '/opt/architect/other' } } }),
  },
  codex: {
    file: '.codex/config.toml',
    text: 'model = "mine" # my own\n\n[mcp_servers.other]\ncommand = "/opt/architect/other"\n',
  },
  gemini: {
    file: '.gemini/settings.json',
    text: json({ ui: { theme: 'Mine' }, mcpServers: { other: { command: '/opt/architect/other' } } }),
  },
}
const agents = Object.keys(settings) as RegisteringAgent[]

/** A test file for each agent calls this, so that two of them are tried side by side. */
export function testMcpInstall(agent: RegisteringAgent): void {
  let home: string

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'architect mcp '))
  })
  afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))

  // Each word starts several agents, and each of them takes seconds on a loaded machine.
  test(`the tools are registered with a real ${agent} once, and taken away again`, async () => {
    const { file, text } = settings[agent]
    await write(join(home, file), text)

    await architect(home, 'install', agent)
    const once = await contentOf(home, file)
    await architect(home, 'install', agent)
    const twice = await contentOf(home, file)
    const states = JSON.parse(await architect(home, 'status', null)) as { agent: string; tools: string }[]
    const removed = await architect(home, 'remove', agent)
    const again = await architect(home, 'remove', agent)

    expect(once).toContain('"serve"')
    expect(once).toContain(join(home, 'its data'))
    expect(twice).toEqual(once)
    expect(states.find((each) => each.agent === agent)?.tools).toBe('registered')
    expect(removed).toContain('has lost')
    expect(again).toContain('did not have')
    expect(withoutOwnNotes(await contentOf(home, file))).toEqual(withoutOwnNotes(text))
  }, 400_000)
}

/** Runs `mcp WORD` as a user does, with every agent on the path, and nothing of this machine's user. */
async function architect(home: string, word: string, agent: RegisteringAgent | null): Promise<string> {
  const folders = await Promise.all(agents.map((each) => installAgent(each)))
  const env = {
    HOME: home,
    PATH: [...folders, process.env['PATH']].join(':'),
    ARCHITECT_DATA: join(home, 'its data'),
    // Agents start what they list, to see whether it is well: it must install nothing here.
    ARCHITECT_NO_INSTALL: '1',
  }
  const words = agent === null ? ['--json'] : ['--agent', agent]
  const args = [builtProgram('app/cli'), 'mcp', word, ...words]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd: home })
  return stdout
}

function contentOf(home: string, file: string): Promise<string> {
  return readFile(join(home, file), 'utf8')
}

/** Claude counts its starts and the like in the same file. */
function withoutOwnNotes(text: string): unknown {
  if (!text.startsWith('{')) return text
  const { theme, ui, mcpServers } = JSON.parse(text) as Record<string, unknown>
  return { theme, ui, mcpServers }
}

async function write(path: string, text: string) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

function json(value: object): string {
  return JSON.stringify(value, null, 2)
}
