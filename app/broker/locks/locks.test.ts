import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { listLocks } from '../../db/lock/read.ts'
import { addNode } from '../../db/node/write.ts'
import { eventsAfter } from '../../db/events.ts'
import { setBranchRules } from '../../db/settings.ts'
import { databases } from '../../testing/databases.ts'
import { releaseLock, tellReady } from './give-back.ts'
import { checkLocks, takeLock } from './take.ts'

const now = new Date(2026, 10, 21, 14, 2).getTime()
const node = 'test'
let folder = ''
let repo = ''

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'architect-locks-')))
  repo = join(folder, 'shop')
  mkdirSync(join(repo, 'src/[id]'), { recursive: true })
  writeFileSync(join(repo, 'src/a.ts'), '')
  git(repo, 'init', '-q', '-b', 'feature/start-1121')
  git(repo, 'add', '.')
  git(repo, '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-qm', 'start')
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(databases)('on $name', ({ open }) => {
  test('files of a session on another machine are not locked by what has their name here', async () => {
    await using store = await open()
    const { database } = store
    const pi = { name: 'pi', kind: 'agent' as const, tags: [] }
    await database.write((db) => addNode(db, pi, now))
    const wanted = { node: 'pi', session: 'w1', dir: repo, files: ['src/a.ts'] }

    await expect(takeLock(database, wanted, now)).rejects.toThrow("Files on pi can't be locked: ")
    await expect(checkLocks(database, wanted, now)).rejects.toMatchObject({ code: 'conflict' })

    expect(await listLocks(database.kysely)).toEqual([])
  })

  test('a second holder hears who has it, on which branch and since when; nothing of theirs is locked', async () => {
    await using store = await open()
    const { database } = store
    const branch = 'feature/carts-1121'
    await takeLock(database, { node, session: 'w1', dir: repo, branch, files: ['src/'] }, now)

    const refused = takeLock(
      database,
      {
        node,
        session: 'w2',
        dir: join(repo, 'src'),
        branch: 'fix/b-1121',
        files: ['../README.md', './a.ts'],
      },
      now + 12 * 60_000,
    )

    await expect(refused).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        `src/a.ts is locked by w1 on ${branch} (by its lock on src/) since 2026-11-21 14:02 (12 min ago).`,
      ),
    })
    expect((await listLocks(database.kysely)).map(({ session }) => session)).toEqual(['w1'])
  })

  test.each([
    ['is ended before it answers', 'kill -9 $$'],
    ['does not trust the owner', "echo 'fatal: detected dubious ownership in repository' >&2; exit 128"],
  ])('nothing is locked as if it were no repository when git %s', async (_what, does) => {
    await using store = await open()
    const programs = join(folder, 'programs')
    mkdirSync(programs)
    writeFileSync(join(programs, 'git'), `#!/bin/sh\n${does}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', programs)

    const taken = takeLock(store.database, { node, session: 'w1', dir: repo, files: ['src/'] }, now)

    await expect(taken).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("git can't say"),
    })
  })

  test('of many who ask for overlapping paths at once exactly one gets them', async () => {
    await using store = await open()
    const databasesOfMany = [store.database, await store.openAgain(), await store.openAgain()]
    const paths = ['src/**/*.ts', 'src/a.ts', 'SRC/', 'src/?.ts', 'src/../src/a.ts', 'src/a.ts/']

    const answers = await Promise.allSettled(
      paths.map((path, index) =>
        takeLock(databasesOfMany[index % 3]!, { node, session: `w${index}`, dir: repo, files: [path] }, now),
      ),
    )

    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await listLocks(store.database.kysely)).toHaveLength(1)
  })

  test('work trees of one repository share its locks; a link or another work tree leads to the same file', async () => {
    await using store = await open()
    const { database } = store
    const tree = join(folder, 'tree')
    git(repo, 'worktree', 'add', '-q', '-b', 'fix/other-1121', tree)
    symlinkSync('src', join(repo, 'link'))
    await takeLock(database, { node, session: 'w1', dir: repo, files: ['link/a.ts'] }, now)

    const { held } = await checkLocks(database, { node, session: 'w2', dir: tree, files: ['src/a.ts'] }, now)
    const absolute = await checkLocks(
      database,
      { node, session: 'w2', dir: tree, files: [join(repo, 'src/a.ts')] },
      now,
    )

    expect(held).toMatchObject([{ wanted: 'src/a.ts', path: 'src/a.ts', holder: { session: 'w1' } }])
    expect(absolute.held).toHaveLength(1)
  })

  test.each(['../other', '/etc/passwd', 'out/x', '', '  ', 'a\u0000b', 'a\nb', 'x'.repeat(2_000)])(
    'the path %j is refused',
    async (path) => {
      await using store = await open()
      symlinkSync(folder, join(repo, 'out'))

      const taking = takeLock(store.database, { node, session: 'w1', dir: repo, files: [path] }, now)

      await expect(taking).rejects.toMatchObject({ code: 'invalid' })
    },
  )

  test('brackets in a name are no pattern', async () => {
    await using store = await open()
    const { database } = store
    await takeLock(database, { node, session: 'w1', dir: repo, files: ['src/[id]/page.tsx'] }, now)

    const other = await takeLock(database, { node, session: 'w2', dir: repo, files: ['src/i/page.tsx'] }, now)

    expect(other.files.map(({ path }) => path)).toEqual(['src/i/page.tsx'])
  })

  test('nobody registers a protected branch, or one that somebody else has', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) =>
      setBranchRules(
        db,
        { protectedBranches: ['feature/centralize-db', 'release/*'], checksNames: true },
        now,
      ),
    )
    const register = (session: string, branch: string) =>
      takeLock(database, { node, session, dir: repo, branch }, now)
    await register('w1', 'fix/login-1121')

    for (const branch of [
      'main',
      'Dev',
      'master',
      'feature/centralize-db',
      'release/1.2',
      'fix/x-1332',
      'login',
      'feature/x-0230',
    ]) {
      await expect(register('w2', branch)).rejects.toMatchObject({ code: 'invalid' })
    }
    await expect(register('w2', 'fix/login-1121')).rejects.toThrow('registered by w1 since')
  })

  test('the branch that is checked out is noted, and refused when it is protected', async () => {
    await using store = await open()
    const { database } = store

    const beside = await takeLock(database, { node, session: 'w1', dir: repo, files: ['a'] }, now)
    git(repo, 'checkout', '-qb', 'main')
    const onMain = takeLock(database, { node, session: 'w2', dir: repo, files: ['b'] }, now)

    expect(beside.branch).toBe('feature/start-1121')
    await expect(onMain).rejects.toThrow('git checkout -b feature/')
  })

  test('what is released is free; the log tells all of it', async () => {
    await using store = await open()
    const { database } = store
    await takeLock(database, { node, session: 'w1', dir: repo, files: ['src/a.ts', 'b'] }, now)

    const left = await releaseLock(database, { node, session: 'w1', files: ['src/a.ts'] }, now + 1)
    await takeLock(database, { node, session: 'w2', dir: repo, files: ['src/'] }, now + 2)
    await tellReady(database, { node, session: 'w2', note: 'reviewed' }, now + 3)
    const nothing = await releaseLock(database, { node, session: 'w2' }, now + 4)

    expect(left?.files).toMatchObject([{ path: 'b', lockedAt: now }])
    expect(nothing).toBeNull()
    await expect(releaseLock(database, { node, session: 'w9' }, now)).rejects.toMatchObject({
      code: 'not_found',
    })
    const events = await eventsAfter(database.kysely, 0, { limit: 9, noun: 'lock' })
    expect(events.map(({ type }) => type)).toEqual(['take', 'take', 'take', 'ready', 'release'])
  })
})

function git(dir: string, ...args: string[]) {
  execFileSync('git', ['-C', dir, ...args], { env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' } })
}
