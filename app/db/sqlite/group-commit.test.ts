import Sqlite from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../core/errors.ts'
import { latestCursor } from '../events.ts'
import { openDatabase, type Database } from '../open.ts'
import { advancePrompt, getPrompt, listPrompts, submitPrompt } from '../prompts.ts'

let dataDir: string
let database: Database
let raw: Sqlite.Database

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'architect-group-'))
  database = await openDatabase({ dataDir, busyTimeoutMs: 1_500 })
  raw = new Sqlite(join(dataDir, 'architect.db'), { timeout: 0 })
})
afterEach(async () => {
  raw.close()
  await database[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test('a hundred callers share a few commits', async () => {
  const versions = new Set<unknown>()
  const watch = setInterval(() => versions.add(raw.pragma('data_version', { simple: true })), 0)

  await Promise.all(Array.from({ length: 100 }, (_, i) => submit(`${i}`)))
  clearInterval(watch)

  expect((await contents()).length).toBe(100)
  expect(versions.size).toBeLessThan(10)
})

test('in one group, those that fail leave nothing and those around them are stored, in order', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) =>
      database.write(async (db) => {
        if (i % 10 === 3) throw new AppError('invalid', 'before any change')
        const { prompt } = await submitPrompt(db, { content: `${i}` }, 1)
        if (i % 10 === 7) throw new AppError('conflict', 'after a change')
        return prompt
      }),
    ),
  )

  const failed = results.flatMap((each, i) => (each.status === 'rejected' ? [i] : []))
  expect(failed).toEqual([3, 7, 13, 17, 23, 27])
  expect(await contents()).toEqual(
    Array.from({ length: 30 }, (_, i) => i)
      .filter((i) => !failed.includes(i))
      .map(String),
  )
  expect(await latestCursor(database.kysely)).toBe(24)
})

test('nobody is told of success before it is committed', async () => {
  const write = database.write((db) => submitPrompt(db, { content: 'x' }, 1))
  const { prompt } = await write

  const row = raw.prepare('select content from prompts where id = ?').pluck().get(prompt.id)

  expect(row).toBe('x')
})

test('a write waits for another program to finish its own, and the process goes on meanwhile', async () => {
  raw.exec('begin immediate')
  const ticks: number[] = []
  const ticking = setInterval(() => ticks.push(Date.now()), 5)

  const write = submit('patient')
  // Where the process stood still meanwhile, it would do so until the write gives up.
  while (ticks.length <= 20) await pause(10)
  const storedEarly = await contents()
  raw.exec('commit')
  await write
  clearInterval(ticking)

  expect(storedEarly).toEqual([])
  expect(await contents()).toEqual(['patient'])
})

test('a program that never finishes makes writes fail with the reason, and reads go on', async () => {
  raw.exec('begin immediate')

  await expect(submit('too late')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/architect\.db is busy.*Nothing was changed/),
  })
  expect(await contents()).toEqual([])
  raw.exec('commit')
  await submit('works again')

  expect(await contents()).toEqual(['works again'])
})

test('a full disk fails the writes with the reason, keeps what was stored, and works again with space', async () => {
  await submit('stored')
  const big = 'x'.repeat(1_000_000)
  const pages = raw.pragma('page_count', { simple: true }) as number
  const full = await openDatabase({ dataDir })
  await limitPages(full, pages + 20)

  const writes = await Promise.allSettled(
    [1, 2, 3].map(() => full.write((db) => submitPrompt(db, { content: big }, 1))),
  )
  await limitPages(full, 1_000_000)
  const { prompt } = await full.write((db) => submitPrompt(db, { content: 'again' }, 1))
  await full[Symbol.asyncDispose]()

  for (const each of writes) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    expect(each.status === 'rejected' && String(each.reason)).toMatch(/disk is full.*free some space/)
  }
  expect((await getPrompt(database.kysely, prompt.id)).content).toBe('again')
  expect(await contents()).toEqual(['stored', 'again'])
})

test('what was handed in is settled before the database closes', async () => {
  const another = await openDatabase({ dataDir })
  const writes = Array.from({ length: 20 }, (_, i) =>
    another.write((db) => submitPrompt(db, { content: `${i}` }, 1)),
  )

  await another[Symbol.asyncDispose]()
  await Promise.all(writes)

  expect((await contents()).length).toBe(20)
})

test('two programs that write without a pause both get their turns', async () => {
  const another = await openDatabase({ dataDir })
  const counts = [0, 0]
  const isFair = () => Math.min(...counts) >= 20
  // Neither rests before both had their turns; one that never gets the lock has it refused after its busy timeout.
  const writeOn = async (each: Database, at: number) => {
    while (!isFair() && counts[at]! < 1_000) {
      await each.write((db) => submitPrompt(db, { content: 'x' }, 1))
      counts[at]! += 1
    }
  }

  await Promise.all([writeOn(database, 0), writeOn(another, 1)])
  await another[Symbol.asyncDispose]()

  expect(isFair()).toBe(true)
})

test('a conflict in one write does not disturb its neighbour that changes the same prompt', async () => {
  const { prompt } = await submit('x')

  const results = await Promise.allSettled(
    [1, 2, 3].map((now) => database.write((db) => advancePrompt(db, prompt.id, 'cancel', {}, now))),
  )

  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
})

function submit(content: string) {
  return database.write((db) => submitPrompt(db, { content }, 1))
}

async function contents(): Promise<string[]> {
  const { items } = await listPrompts(database.kysely, { limit: 200 })
  return items.map(({ content }) => content).toReversed()
}

function limitPages(each: Database, pages: number) {
  return each.write(async (db) => {
    const { sql } = await import('kysely')
    await sql.raw(`pragma max_page_count = ${pages}`).execute(db)
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
