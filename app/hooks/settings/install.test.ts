import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hookCommand, programOf } from '../entries.ts'
import { hookedAgents, type HookedAgent } from '../messages/read.ts'
import { backupOf } from './file.ts'
import { hookStatus, installHooks, presentAgents, removeHooks } from './install.ts'
import { settingsFileOf, type SettingsChoice } from './places.ts'

let home: string
let program: string
let choice: SettingsChoice

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'architect-settings-'))
  program = join(home, "it's data", 'hooks', 'hook.sh')
  choice = { env: { HOME: home }, project: null }
  await mkdir(dirname(program), { recursive: true })
  await writeFile(program, '')
})
afterEach(() => rm(home, { recursive: true }))

async function given(agent: HookedAgent, text: string): Promise<string> {
  const file = settingsFileOf(agent, choice)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

const theirs = `{
    "theme":   "dark",
    "hooks": {
        "Stop": [
            {
                "hooks": [
                    { "type": "command", "command": "say done" }
                ]
            }
        ],
        "PreToolUse": [
            { "matcher": "Bash", "hooks": [] }
        ]
    },
    "unknown": { "kept": [1,2,  3] }
}
`

describe.each(hookedAgents)("%s's settings", (agent) => {
  test('get our hooks once, and are as they were after these were removed', async () => {
    const file = await given(agent, theirs)

    const changes = [await installHooks(agent, program, choice), await installHooks(agent, program, choice)]
    const installed = await readFile(file, 'utf8')
    const removed = await removeHooks(agent, program, choice)

    expect(changes).toEqual([true, false])
    expect(installed).toContain('"theme":   "dark"')
    expect(installed).toContain('say done')
    expect(installed.split(JSON.stringify(hookCommand(program, agent, 'SessionStart')))).toHaveLength(2)
    expect(removed).toBe(true)
    expect(await readFile(file, 'utf8')).toBe(theirs)
  })

  test('are made when there are none', async () => {
    await installHooks(agent, program, choice)

    const file = settingsFileOf(agent, choice)
    const text = await readFile(file, 'utf8')
    const { hooks } = JSON.parse(text) as { hooks: Record<string, { hooks: { command: string }[] }[]> }
    for (const [event, [group]] of Object.entries(hooks)) {
      expect(group!.hooks[0]!.command).toBe(hookCommand(program, agent, event))
    }
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test.each([
    ['half a file', '{"theme": '],
    ['another kind of file', 'theme = dark'],
    ['a list', '[]'],
    ['hooks of another shape', '{"hooks": {"Stop": "mine"}}'],
  ])('are left alone when they are broken (%s)', async (_what, text) => {
    const file = await given(agent, text)

    await expect(installHooks(agent, program, choice)).rejects.toThrow(`${file} was left as it is`)
    await expect(removeHooks(agent, program, choice)).rejects.toThrow('Put that right first')

    expect(await readFile(file, 'utf8')).toBe(text)
    expect((await hookStatus(agent, program, choice)).state).toBe('broken')
  })
})

test('mode, link and the former text of the settings are kept', async () => {
  const real = join(home, 'dotfiles.json')
  await writeFile(real, theirs)
  await chmod(real, 0o640)
  const file = settingsFileOf('claude', choice)
  await mkdir(dirname(file))
  await symlink(real, file)

  await installHooks('claude', program, choice)

  expect((await lstat(file)).isSymbolicLink()).toBe(true)
  expect((await stat(real)).mode & 0o777).toBe(0o640)
  expect(await readFile(backupOf(real), 'utf8')).toBe(theirs)
})

test("comments are kept where the agent takes them, and are a mistake where it doesn't", async () => {
  const text = '{\n  // mine\n  "ui": {\n    "theme": "Default" /* dark */\n  }\n}\n'
  const file = await given('gemini', text)
  await given('claude', text)

  await installHooks('gemini', program, choice)
  const installed = await readFile(file, 'utf8')
  await removeHooks('gemini', program, choice)

  expect(installed).toContain('// mine')
  expect(installed).toContain('/* dark */')
  expect(await readFile(file, 'utf8')).toBe(text)
  await expect(installHooks('claude', program, choice)).rejects.toThrow('line 2')
})

test('entries of an older release, and of a data folder that is gone, are put right', async () => {
  const gone = hookCommand(join(home, 'gone', 'hook.sh'), 'claude', 'Stop')
  const old = hookCommand(program, 'claude', 'OldEvent')
  const hooks = { Stop: [{ hooks: [{ command: gone }] }], OldEvent: [{ hooks: [{ command: old }] }] }
  const file = await given('claude', JSON.stringify({ hooks }))
  const before = await hookStatus('claude', program, choice)

  await installHooks('claude', program, choice)

  expect(before.state).toBe('outdated')
  expect((await hookStatus('claude', program, choice)).state).toBe('installed')
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain('gone')
  expect(text).not.toContain('OldEvent')
})

test("another data folder's hooks are left alone", async () => {
  const other = join(home, 'other.sh')
  await writeFile(other, '')
  await installHooks('claude', other, choice)

  await installHooks('claude', program, choice)
  await removeHooks('claude', program, choice)

  expect((await hookStatus('claude', other, choice)).state).toBe('installed')
  expect((await hookStatus('claude', program, choice)).state).toBe('not_installed')
})

test('a project has settings of its own', async () => {
  const project = { ...choice, project: join(home, 'shop') }

  await installHooks('claude', program, project)

  expect(settingsFileOf('claude', project)).toBe(join(home, 'shop/.claude/settings.local.json'))
  expect((await hookStatus('claude', program, project)).state).toBe('installed')
  expect((await hookStatus('claude', program, choice)).state).toBe('not_installed')
})

test('Codex runs nothing before a person trusted it', async () => {
  await installHooks('codex', program, choice)
  const before = await hookStatus('codex', program, choice)
  const file = settingsFileOf('codex', choice)
  const events = ['user_prompt_submit', 'stop', 'permission_request', 'session_start', 'pre_compact']
  const tables = events.map((event) => `[hooks.state."${file}:${event}:0:0"]\ntrusted_hash = "sha256:1"\n`)
  await writeFile(join(dirname(file), 'config.toml'), tables.join('\n'))

  expect(before.state).toBe('needs_trust')
  expect((await hookStatus('codex', program, choice)).state).toBe('installed')
})

test('hooks that the agent was told not to run are said to be switched off', async () => {
  await given('claude', '{"disableAllHooks": true}')
  await given('gemini', '{"hooksConfig": {"enabled": false}}')

  for (const agent of ['claude', 'gemini'] as const) await installHooks(agent, program, choice)

  expect((await hookStatus('claude', program, choice)).state).toBe('switched_off')
  expect((await hookStatus('gemini', program, choice)).state).toBe('switched_off')
})

test('only agents that were used here are present', async () => {
  await given('gemini', '{}')

  expect(presentAgents(choice)).toEqual(['gemini'])
})

test.each(['/a/hook.sh', "/it's/a b/hook.sh", '/q"$HOME`x`/hook.sh'])(
  '%s is found again in its command',
  (path) => {
    expect(programOf(hookCommand(path, 'claude', 'Stop'))).toBe(path)
    expect(programOf('say done')).toBeNull()
  },
)
