import { execFileSync, spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { goneGraceMs, unknownSessionMs } from '../../../core/lock.ts'
import { listActivity } from '../../../db/activity.ts'
import { listLocks } from '../../../db/lock/read.ts'
import { markGone, saveSession } from '../../../db/sessions.ts'
import { databases, type TestStore } from '../../../testing/databases.ts'
import { storedSession } from '../../../testing/stored-session.ts'
import type { Tools } from '../../tools.ts'
import { releaseLock } from '../give-back.ts'
import { endStaleLocks } from '../lease.ts'
import { takeLock } from '../take.ts'
import { readEntries } from './entries.ts'
import { LockView } from './lock-view.ts'

const node = 'test'
const sop = (session: string, more = '') =>
  `{"session": "${session}", "branch": "feature/${session}-1121", "started": "2026-11-21T14:00:00+00:00", "files": [${more}]}\n`

describe.each(databases)('on $name', ({ open }) => {
  test('a file that is too large is put aside, and of several only the last is kept', async () => {
    await using world = await openWorld(open)
    for (const sign of ['a', 'b', 'c']) {
      writeFileSync(world.path, sign.repeat(5 * 1_024 * 1_024))
      await world.look()
    }

    const aside = readdirSync(world.folder).filter((name) => name.includes('too-large'))
    expect(aside).toEqual(['active_sessions.json.too-large'])
    expect(readFileSync(join(world.folder, aside[0]!), 'utf8').at(0)).toBe('c')
    expect(world.shown()).toEqual([])
  })

  test('what the documents append by shell is taken in, behind whatever is there', async () => {
    await using world = await openWorld(open)
    writeFileSync(world.path, '{}')

    appendFileSync(
      world.path,
      sop('one', '"src/a.ts"') + sop('two', '"src/b.ts", "/etc/passwd"') + 'echo {"session"\n',
    )
    await world.look()
    appendFileSync(world.path, sop('three') + '{"session": "four", "branch": "main", "files": "README.md"}')
    await world.look()

    const locks = await listLocks(world.database.kysely)
    expect(locks.map(({ session, branch }) => [session, branch])).toEqual([
      ['one', 'feature/one-1121'],
      ['two', 'feature/two-1121'],
      ['three', 'feature/three-1121'],
      ['four', 'main'],
    ])
    expect(locks[1]).toMatchObject({
      files: [{ path: 'src/b.ts' }],
      warning: expect.stringContaining('outside of the project'),
    })
    expect(locks[3]?.warning).toContain('protected')
    expect(world.shown()).toEqual(['one', 'two', 'three', 'four'])
    expect(readFileSync(join(world.folder, 'not_understood.txt'), 'utf8')).toContain('echo {"session"')
    const [notice] = await listActivity(world.database.kysely, {
      noun: 'lock',
      type: 'not_understood',
      limit: 5,
    })
    expect(notice?.data).toMatchObject({ lines: 1 })
  })

  test('an appended file that somebody else has is noted, and theirs when it becomes free', async () => {
    await using world = await openWorld(open)
    const first = await takeLock(
      world.database,
      { node, session: 'one', dir: world.repo, files: ['src/'] },
      1,
    )
    await world.look()

    appendFileSync(world.path, sop('two', '"src/a.ts", "b.ts"'))
    await world.look()
    const [, before] = await listLocks(world.database.kysely)
    await releaseLock(world.database, { node, id: first.id }, 2)
    await world.look()

    expect(before).toMatchObject({ files: [{ path: 'b.ts' }], refused: ['src/a.ts'] })
    expect(before?.warning).toContain('src/a.ts is locked by one')
    const [after] = await listLocks(world.database.kysely)
    expect(after?.files.map(({ path }) => path)).toEqual(['b.ts', 'src/a.ts'])
    expect(world.shown()).toEqual(['two'])
  })

  test('an entry that stays removed is released; a file that is emptied and filled again releases nothing', async () => {
    await using world = await openWorld(open)
    for (const session of ['one', 'two']) {
      await takeLock(world.database, { node, session, dir: world.repo, files: [session] }, 1)
    }
    await world.look()
    const whole = readFileSync(world.path, 'utf8')

    writeFileSync(world.path, '[')
    await world.look()
    writeFileSync(world.path, '')
    await world.look()
    rmSync(world.path)
    await world.look()
    const kept = (await listLocks(world.database.kysely)).length
    const lines = readFileSync(world.path, 'utf8').split('\n')
    writeFileSync(world.path, lines.filter((line) => !line.includes('"one"')).join('\n'))
    await world.look()
    const unsettled = (await listLocks(world.database.kysely)).length
    await world.look(1_500)
    await world.look(1_500)

    expect(whole).toContain('"one"')
    expect([kept, unsettled]).toEqual([2, 2])
    expect((await listLocks(world.database.kysely)).map(({ session }) => session)).toEqual(['two'])
    expect(world.shown()).toEqual(['two'])
  })

  test('an older view that an editor writes back releases nothing that came after it', async () => {
    await using world = await openWorld(open)
    await takeLock(world.database, { node, session: 'one', dir: world.repo, files: ['a'] }, 1)
    await world.look()
    const old = readFileSync(world.path, 'utf8')
    await takeLock(world.database, { node, session: 'two', dir: world.repo, files: ['b'] }, 1)
    await world.look()

    writeFileSync(world.path, old)
    for (let n = 0; n < 4; n++) await world.look(1_500)

    expect(world.shown()).toEqual(['one', 'two'])
  })

  test('files that are changed by hand are what is locked', async () => {
    await using world = await openWorld(open)
    await takeLock(world.database, { node, session: 'one', dir: world.repo, files: ['a', 'b'] }, 1)
    await world.look()

    writeFileSync(world.path, readFileSync(world.path, 'utf8').replace('["a","b"]', '["b","c"]'))
    await world.look()

    const [lock] = await listLocks(world.database.kysely)
    expect(lock?.files.map(({ path }) => path)).toEqual(['b', 'c'])
  })

  test('a line that a shell writes to the old file after a new view took its name is taken in, by the next assigner too', async () => {
    await using world = await openWorld(open)
    await world.look()
    const held = openSync(world.path, 'a')
    await takeLock(world.database, { node, session: 'one', dir: world.repo, files: ['a'] }, 1)
    await world.look()

    writeSync(held, sop('late'))
    await world.look()
    writeSync(held, sop('later'))
    world.restart()
    await world.look()
    closeSync(held)

    expect(world.shown()).toEqual(['one', 'late', 'later'])
  })

  test('what was the file is forgotten when nobody can write to it any more', async () => {
    await using world = await openWorld(open)
    await world.look()
    await takeLock(world.database, { node, session: 'one', dir: world.repo, files: ['a'] }, 1)
    await world.look()
    const before = readdirSync(world.folder).filter((name) => name.endsWith('.old')).length

    await world.look(11 * 60_000)

    expect(before).toBe(1)
    expect(readdirSync(world.folder).filter((name) => name.endsWith('.old'))).toEqual([])
  })

  test('half a line is waited for, and kept aside when its end does not come', async () => {
    await using world = await openWorld(open)
    await world.look()

    appendFileSync(world.path, '{"session": "slow", "bra')
    await world.look()
    appendFileSync(world.path, 'nch": "fix/slow-1121"}\n{"session": "torn", "fil')
    await world.look()
    const meanwhile = (await listLocks(world.database.kysely)).map(({ session }) => session)
    await world.look(11_000)

    expect(meanwhile).toEqual(['slow'])
    expect(readFileSync(join(world.folder, 'not_understood.txt'), 'utf8')).toContain('{"session": "torn"')
    expect(world.shown()).toEqual(['slow'])
  })

  test('a lock ends with its session after the grace, and one that nobody has seen after a day', async () => {
    await using world = await openWorld(open)
    const { database } = world
    const here = storedSession({ name: 'here' })
    const restarted = storedSession({ name: 'restarted' })
    await database.write(async (db) => {
      await saveSession(db, here)
      await saveSession(db, restarted)
    })
    for (const session of ['here', 'restarted', 'unknown']) {
      await takeLock(database, { node, session, dir: world.repo, files: [session] }, 1_000)
    }
    const held = async () => (await listLocks(database.kysely)).map(({ session }) => session)

    await database.write(async (db) => {
      await markGone(db, here.key, 2_000)
      await saveSession(db, { ...restarted, generation: 'two' })
    })
    await endStaleLocks(database, 2_000)
    await endStaleLocks(database, 2_000 + goneGraceMs - 1)
    const within = await held()
    await database.write((db) => saveSession(db, restarted))
    await endStaleLocks(database, 2_000 + goneGraceMs)
    const after = await held()
    await endStaleLocks(database, 1_000 + unknownSessionMs)

    expect(within).toEqual(['here', 'restarted', 'unknown'])
    expect(after).toEqual(['restarted', 'unknown'])
    expect(await held()).toEqual(['restarted'])
  })
})

test('of hundreds of lines that shells append while views are written none is lost', async () => {
  await using world = await openWorld(databases[0]!.open)
  await world.look()
  const loops = Array.from({ length: 4 }, (_, loop) =>
    spawn('sh', [
      '-c',
      `i=0; while [ $i -lt 50 ]; do echo '{"session": "s${loop}_'$i'", "branch": "feature/x-1121", "files": []}' >> "$0"; i=$((i+1)); sleep 0.01; done`,
      world.path,
    ]),
  )

  const isOver = () => loops.every(({ exitCode }) => exitCode !== null)
  for (let n = 0; !isOver(); n++) {
    if (n % 7 === 3) world.restart()
    await world.look(10)
  }
  for (let n = 0; n < 3; n++) await world.look(10)

  const sessions = new Set((await listLocks(world.database.kysely)).map(({ session }) => session))
  const all = Array.from({ length: 4 }, (_, loop) =>
    Array.from({ length: 50 }, (_unused, i) => `s${loop}_${i}`),
  ).flat()
  expect(all.filter((session) => !sessions.has(session))).toEqual([])
  expect(existsSync(join(world.folder, 'not_understood.txt'))).toBe(false)
})

test.each([
  ['[\n{"session":"a"},\n{"session":"b"}\n]\n{"session":"c"}\n', ['a', 'b', 'c'], 0],
  ['[{"session":"a"},]{"session":"b"}{"session":"c"}', ['a', 'b', 'c'], 0],
  ['\ufeff{}\r\n{"session":"a"}\r\n', ['a'], 0],
  ['{\n  "session": "a",\n  "files": [\n    "x"\n  ]\n}\n{"session":"b"}\n', ['a', 'b'], 0],
  ['{"session":"a", "files": [}\n{"session":"b"}\n', ['b'], 1],
  ['{"session":"a\n{"session":"b"}\n', ['b'], 1],
  ['null\n42\n"x"\n{"session":5}\n{"session":""}\n{"session":"b"}\n', ['b'], 5],
  ['}}}]]]\n{"session":"b"}\n', ['b'], 1],
  ['\0\0\0{"session":"b"}\n', ['b'], 0],
  ['{"session":"a{\\"}[","branch":"}"}\n', ['a{"}['], 0],
])('%j holds the entries %j', (text, sessions, rubbish) => {
  const content = readEntries(Buffer.from(text))

  expect(content.entries.map(({ session }) => session)).toEqual(sessions)
  expect(content.rubbish).toHaveLength(rubbish)
  expect(content.unfinishedAt).toBeNull()
})

test('a file of broken brackets is read in seconds of processor time', () => {
  const file = Buffer.from('{"a":[{\n'.repeat(20_000) + ' {"b":[\n'.repeat(20_000) + sop('last'))

  const before = process.cpuUsage()
  const { entries } = readEntries(file)
  const { user } = process.cpuUsage(before)

  expect(entries.map(({ session }) => session)).toEqual(['last'])
  expect(user / 1_000).toBeLessThan(5_000)
})

interface World extends AsyncDisposable {
  database: TestStore['database']
  folder: string
  path: string
  repo: string
  look(laterMs?: number): Promise<void>
  /** Another assigner takes over. */
  restart(): void
  /** Sessions in the view, in its order. */
  shown(): string[]
}

async function openWorld(open: () => Promise<TestStore>): Promise<World> {
  const store = await open()
  const repo = store.dataDir
  const dataDir = join(repo, 'data')
  const folder = join(dataDir, 'locks')
  mkdirSync(folder, { recursive: true })
  execFileSync('git', ['init', '-q', '-b', 'feature/start-1121', repo])
  const tools = { database: store.database, dataDir, host: { node } } as unknown as Tools
  const path = join(folder, 'active_sessions.json')
  let now = Date.now()
  let view = new LockView(tools)
  return {
    database: store.database,
    folder,
    path,
    repo,
    async look(laterMs = 1_000) {
      now += laterMs
      await view.keep(now)
    },
    restart() {
      view = new LockView(tools)
    },
    shown: () =>
      (JSON.parse(readFileSync(path, 'utf8')) as { session: string }[]).map(({ session }) => session),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
