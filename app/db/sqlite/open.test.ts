import Sqlite from 'better-sqlite3'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Kysely } from 'kysely'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrations } from '../../../migrations/index.ts'
import { runMigrations } from '../migrate.ts'
import { openDatabase } from '../open.ts'
import { listPrompts, submitPrompt } from '../prompts.ts'
import type { Schema } from '../schema.ts'
import { backUp } from './backup.ts'
import { sqliteDialect } from './driver.ts'

let dataDir: string
const file = () => join(dataDir, 'architect.db')
const filesIn = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('architect.db'))
const modeOf = (path: string) => statSync(path).mode & 0o777

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'architect-sqlite-'))
})
afterEach(() => {
  chmodSync(dataDir, 0o700)
  rmSync(dataDir, { recursive: true, force: true })
})

describe('opening', () => {
  test('a new database is durable, in a folder that is made for it', async () => {
    dataDir = join(dataDir, 'deep', 'er')
    await using database = await openDatabase({ dataDir })
    await database.write((db) => submitPrompt(db, { content: 'x' }, 1))

    const raw = new Sqlite(file(), { readonly: true })
    const mode = raw.pragma('journal_mode', { simple: true })
    raw.close()

    expect(mode).toBe('wal')
    expect((await listPrompts(database.kysely, { limit: 1 })).items).toHaveLength(1)
  })

  test('what is kept is for its owner alone, also what was not', async () => {
    const earlier = await openDatabase({ dataDir })
    await earlier.write((db) => submitPrompt(db, { content: 'x' }, 1))
    for (const name of filesIn(dataDir)) chmodSync(join(dataDir, name), 0o644)

    await using _again = await openDatabase({ dataDir })
    await using _fresh = await openDatabase({ dataDir: join(dataDir, 'fresh') })
    await earlier[Symbol.asyncDispose]()
    const raw = new Sqlite(file())
    const backup = backUp(raw, dataDir, '7', 1)
    raw.close()

    const paths = [...filesIn(dataDir), ...filesIn(join(dataDir, 'fresh')).map((name) => `fresh/${name}`)]
    expect(paths).toContain('architect.db-wal')
    expect(paths.filter((path) => modeOf(join(dataDir, path)) !== 0o600)).toEqual([])
    expect(modeOf(backup)).toBe(0o600)
    expect([modeOf(join(dataDir, 'fresh')), modeOf(join(dataDir, 'backups'))]).toEqual([0o700, 0o700])
  })

  test('many that open and migrate at the same moment all succeed', async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase({ dataDir })))

    for (const database of opened) await database.write((db) => submitPrompt(db, { content: 'x' }, 1))
    const { items } = await listPrompts(opened[0]!.kysely, { limit: 10 })
    for (const database of opened) await database[Symbol.asyncDispose]()

    expect(items).toHaveLength(6)
  })

  test('a damaged file is named, with the way back, and left as it is', async () => {
    writeFileSync(file(), 'this is no database, but somebody may want it back'.repeat(100))
    const before = readFileSync(file())

    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/architect\.db is damaged\. Nothing was deleted\..*backups/),
    })
    expect(readFileSync(file()).equals(before)).toBe(true)
  })

  test('pages that were overwritten in the middle are reported as damage, not as a bug', async () => {
    const database = await openDatabase({ dataDir })
    for (let i = 0; i < 50; i += 1)
      await database.write((db) => submitPrompt(db, { content: 'x'.repeat(3000) }, 1))
    await database[Symbol.asyncDispose]()
    const bytes = readFileSync(file())
    bytes.fill(0x5a, 4096 * 3, bytes.length)
    writeFileSync(file(), bytes)

    const use = async () => {
      await using database = await openDatabase({ dataDir })
      await listPrompts(database.kysely, { limit: 100 })
    }

    await expect(use()).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('damaged'),
    })
  })

  test('a database of a newer version is refused and not touched', async () => {
    await (await openDatabase({ dataDir }))[Symbol.asyncDispose]()
    const raw = new Sqlite(file())
    raw.exec(`insert into schema_migrations values ('900-future', 1)`)
    raw.close()

    await expect(openDatabase({ dataDir })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/newer version.*900-future.*Update this program/),
    })
  })

  test('a folder that is a file is said to be unusable', async () => {
    writeFileSync(join(dataDir, 'data'), '')

    await expect(openDatabase({ dataDir: join(dataDir, 'data') })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('cannot be opened'),
    })
  })

  test('a reader neither makes nor changes anything', async () => {
    await expect(openDatabase({ dataDir, readonly: true })).rejects.toMatchObject({ code: 'not_found' })
    expect(readdirSync(dataDir)).toEqual([])
    await using writer = await openDatabase({ dataDir })
    await writer.write((db) => submitPrompt(db, { content: 'x' }, 1))

    await using reader = await openDatabase({ dataDir, readonly: true })

    expect((await listPrompts(reader.kysely, { limit: 1 })).items).toHaveLength(1)
    expect(() => reader.write((db) => submitPrompt(db, { content: 'y' }, 1))).toThrow('reading only')
  })
})

describe('backups', () => {
  test('a database is backed up before it is migrated, and the backup opens', async () => {
    const raw = new Sqlite(file())
    const old = new Kysely<Schema>({ dialect: sqliteDialect(raw, (error) => error) })
    await runMigrations(old, 1, migrations.slice(0, 1))
    raw.exec(`update controls set reason = 'precious'`)
    raw.close()

    await (await openDatabase({ dataDir }))[Symbol.asyncDispose]()

    const [backup] = readdirSync(join(dataDir, 'backups'))
    expect(backup).toMatch(/^architect-001-prompts-\d{8}-\d{6}-\d+\.db$/)
    const copy = new Sqlite(join(dataDir, 'backups', backup!), { readonly: true })
    expect(copy.prepare('select reason from controls').pluck().get()).toBe('precious')
    copy.close()
  })

  test('an empty database needs no backup', async () => {
    await (await openDatabase({ dataDir }))[Symbol.asyncDispose]()
    await (await openDatabase({ dataDir }))[Symbol.asyncDispose]()

    expect(readdirSync(dataDir)).not.toContain('backups')
  })

  test('the last five are kept, and no file that is not a backup is removed', async () => {
    await (await openDatabase({ dataDir }))[Symbol.asyncDispose]()
    mkdirSync(join(dataDir, 'backups'))
    writeFileSync(join(dataDir, 'backups', 'my-own.db'), '')
    const raw = new Sqlite(file())

    const dayMs = 86_400_000
    for (let day = 0; day < 8; day += 1) backUp(raw, dataDir, day % 2 ? '002-x' : '001-y', day * dayMs)
    raw.close()

    const kept = readdirSync(join(dataDir, 'backups'))
    expect(kept).toHaveLength(6)
    expect(kept.filter((name) => /1970010[4-8]/.test(name))).toHaveLength(5)
    expect(kept).toContain('my-own.db')
  })
})
