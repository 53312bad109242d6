import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTranscripts } from './find-turn.ts'

// Tables and values as opencode 1.18.33 writes them, without the columns that are not read.
const schema = `
  create table session (id text primary key, directory text not null, time_updated integer not null);
  create table message (id text primary key, session_id text, time_created integer, data text not null);
  create table part (id text primary key, message_id text not null, data text not null);
  insert into session values ('s1', '/home/me/project', 9000), ('s2', '/elsewhere', 9000);`

let home: string
let file: string
let db: Database.Database

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'opencode-'))
  await mkdir(join(home, '.local/share/opencode'), { recursive: true })
  file = join(home, '.local/share/opencode/opencode.db')
  db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.exec(schema)
})
afterEach(async () => {
  db.close()
  await rm(home, { recursive: true, force: true })
})

test('a turn runs until its last message is complete', () => {
  say(1000, 'go')
  const running = find('go')
  answer(1100, { finish: 'tool-calls', time: { completed: 1200 } }, null)
  const called = find('go')
  answer(1300, { finish: 'stop', time: { completed: 1400 } }, 'done')

  expect(running).toMatchObject({ promptSeenAt: 1000, endedAt: null, how: null })
  expect(called).toMatchObject({ endedAt: null, how: null })
  expect(find('go')).toMatchObject({
    how: 'completed',
    endedAt: 1400,
    answer: 'done',
    tokensIn: 200,
    tokensOut: 40,
    costUsd: 0.5,
    sessionId: 's1',
  })
})

test.each([
  [{ name: 'MessageAbortedError', data: { message: 'Aborted' } }, 'interrupted', null],
  [{ name: 'APIError', data: { message: 'stub error 400' } }, 'error', 'stub error 400'],
])('an error named %o ends a turn as %s', (error, how, message) => {
  say(1000, 'go')
  answer(1100, { error, time: { completed: 1200 } }, null)

  expect(find('go')).toMatchObject({ how, error: message, endedAt: 1200 })
})

test('a prompt that was queued is answered together with the next', () => {
  say(1000, 'first')
  say(1100, 'second')
  answer(1200, { finish: 'stop', time: { completed: 1300 } }, 'both')

  expect([find('first')?.answer, find('second')?.answer]).toEqual(['both', 'both'])
})

test('prompts of before, and of another folder, are not ours', () => {
  say(400, 'go')
  say(1000, 'there', 's2')

  expect([find('go'), find('there')]).toEqual([null, null])
})

test('a database that is damaged or of another shape tells nothing', async () => {
  db.exec('drop table part')
  const reshaped = find('go')
  db.close()
  await writeFile(file, 'not a database, but long enough to be read as the header of one, and then some more')

  expect([reshaped, find('go')]).toEqual([null, null])
})

let ids = 0

function say(at: number, text: string, session = 's1') {
  addMessage(at, session, { role: 'user', time: { created: at } }, text)
}

function answer(at: number, data: object, text: string | null) {
  const tokens = { input: 100, output: 20 }
  addMessage(at, 's1', { role: 'assistant', cost: 0.25, tokens, ...data }, text)
}

function addMessage(at: number, session: string, data: object, text: string | null) {
  ids += 1
  db.prepare('insert into message values (?, ?, ?, ?)').run(`m${ids}`, session, at, JSON.stringify(data))
  if (text === null) return
  const part = JSON.stringify({ type: 'text', text })
  db.prepare('insert into part values (?, ?, ?)').run(`p${ids}`, `m${ids}`, part)
}

function find(text: string) {
  const none = { claudeConfigDir: null, codexHome: null, xdgDataHome: null }
  const identity = { kind: 'opencode', pid: 4_190_000, startedAt: 1, argv: ['opencode'] }
  const agent = { ...identity, ...none, home, cwd: '/home/me/project' }
  return createTranscripts().findTurn({ agent, sessionId: null, text, since: 500 })
}
