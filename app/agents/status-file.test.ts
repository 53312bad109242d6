import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AgentProcess } from './process.ts'
import { createStatusReader } from './status-file.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'status-'))
  await mkdir(join(home, '.claude/sessions'), { recursive: true })
})
afterEach(() => rm(home, { recursive: true, force: true }))

test('tells status, what is waited for, conversation and version', async () => {
  await write({ ...file, status: 'waiting', waitingFor: 'permission prompt' })

  expect(createStatusReader().read(agent())).toEqual({
    status: 'waiting',
    waitingFor: 'permission prompt',
    sessionId: 's1',
    version: '2.1.329',
    updatedAt: 1000,
  })
})

test('sees every change', async () => {
  const reader = createStatusReader()
  await write({ ...file, status: 'busy' })
  const first = reader.read(agent())
  await write({ ...file, status: 'idle', statusUpdatedAt: 2000 })

  expect(first?.status).toBe('busy')
  expect(reader.read(agent())).toMatchObject({ status: 'idle', updatedAt: 2000 })
})

test('does not believe what a killed process of the same number left behind', async () => {
  await write({ ...file, status: 'busy' })

  expect(createStatusReader().read({ ...agent(), startedAt: 778 })).toBeNull()
})

test('does not mix up two processes that had the same number one after the other', async () => {
  const reader = createStatusReader()
  await write(file)
  const first = reader.read(agent())

  expect(first).not.toBeNull()
  expect(reader.read({ ...agent(), startedAt: 778 })).toBeNull()
})

test('keeps the last word while the file is half written', async () => {
  const reader = createStatusReader()
  await write(file)
  reader.read(agent())
  await writeFile(path(), '{"pid": 77, "stat')

  expect(reader.read(agent())?.status).toBe('idle')
})

test('is gone with the file', async () => {
  const reader = createStatusReader()
  await write(file)
  reader.read(agent())
  await rm(path())

  expect(reader.read(agent())).toBeNull()
})

test.each([
  ['another shape', '{"pid":77}'],
  ['not an object', '[]'],
  ['nothing', ''],
])('says nothing about a file with %s', async (_fact, text) => {
  await writeFile(path(), text)

  expect(createStatusReader().read(agent())).toBeNull()
})

test('looks into the folder that Claude was told to use', async () => {
  await write(file)
  const moved = { ...agent(), home: '/nowhere', claudeConfigDir: join(home, '.claude') }

  expect(createStatusReader().read(moved)?.status).toBe('idle')
})

test('other agents have none', async () => {
  await write(file)

  expect(createStatusReader().read({ ...agent(), kind: 'codex' })).toBeNull()
})

/** As Claude 2.1.329 writes it: the start of the process as text. */
const file = {
  pid: 77,
  procStart: '777',
  sessionId: 's1',
  version: '2.1.329',
  status: 'idle',
  statusUpdatedAt: 1000,
}

function agent(): AgentProcess {
  const none = { claudeConfigDir: null, codexHome: null, xdgDataHome: null }
  return { kind: 'claude', pid: 77, startedAt: 777, argv: ['claude'], cwd: '/project', home, ...none }
}

function path(): string {
  return join(home, '.claude/sessions/77.json')
}

async function write(value: object) {
  await writeFile(path(), JSON.stringify(value))
}
