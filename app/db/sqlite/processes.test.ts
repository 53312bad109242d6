import Sqlite from 'better-sqlite3'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildProgram, type BuiltProgram } from '../../testing/chaos/build.ts'
import { liveAttempts } from '../attempts.ts'
import { openDatabase, type Database } from '../open.ts'
import { submitPrompt } from '../prompts.ts'

let writerProgram: BuiltProgram
let dataDir: string

beforeAll(async () => {
  writerProgram = await buildProgram('app/testing/database-writer.main.ts')
})
afterAll(() => writerProgram[Symbol.asyncDispose]())

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'architect-processes-'))
})
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
})

test('a writer that is killed at any moment leaves whole transactions, and everything that it was told is stored', async () => {
  const stored: number[] = []
  for (let round = 0; round < 3; round += 1) {
    const writer = startWriter('cycle', stored)
    await untilStored(stored, stored.length + 5)
    await pause(Math.random() * 250)
    writer.kill('SIGKILL')
    await once(writer, 'close')

    await using database = await openDatabase({ dataDir })
    expect(integrity()).toBe('ok')
    await expectWhole(database, stored)
  }
})

test('two processes that claim from one queue get each prompt exactly once', async () => {
  const database = await openDatabase({ dataDir })
  const submitted = await Promise.all(
    Array.from({ length: 200 }, () => database.write((db) => submitPrompt(db, { content: 'x' }, 1))),
  )
  const claimed: number[] = []

  const claimers = [startWriter('claim', claimed), startWriter('claim', claimed)]
  const codes = await Promise.all(claimers.map(async (each) => (await once(each, 'close'))[0] as unknown))
  await database[Symbol.asyncDispose]()

  expect(codes).toEqual([0, 0])
  expect(claimed.toSorted((a, b) => a - b)).toEqual(submitted.map(({ prompt }) => prompt.id))
})

test('a database that this process opened twice is in use also for a process that opens and closes it meanwhile', async () => {
  await using database = await openDatabase({ dataDir })
  await using again = await openDatabase({ dataDir })
  const claimed: number[] = []
  await once(startWriter('claim', []), 'close')

  const { prompt } = await database.write((db) => submitPrompt(db, { content: 'x' }, 1))
  await once(startWriter('claim', claimed), 'close')

  expect(claimed).toEqual([prompt.id])
  expect(await liveAttempts(again.kysely)).toMatchObject([{ promptId: prompt.id }])
})

/** Each number that it prints is added to `ids`. */
function startWriter(mode: 'cycle' | 'claim', ids: number[]): ChildProcess {
  const child = spawn(process.execPath, [writerProgram.path, dataDir, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  createInterface({ input: child.stdout }).on('line', (line) => ids.push(Number(line)))
  return child
}

async function untilStored(stored: number[], count: number) {
  while (stored.length < count) await pause(5)
}

function integrity(): unknown {
  const raw = new Sqlite(join(dataDir, 'architect.db'), { readonly: true })
  const verdict = raw.pragma('integrity_check', { simple: true })
  const orphans = raw.pragma('foreign_key_check')
  raw.close()
  expect(orphans).toEqual([])
  return verdict
}

/** Prompt, attempt and event of one step are there together or not at all. */
async function expectWhole(database: Database, stored: number[]) {
  const prompts = await database.kysely.selectFrom('prompts').select(['id', 'state', 'attempts']).execute()
  const events = await database.kysely
    .selectFrom('events')
    .select(['noun_id', 'type'])
    .where('noun', '=', 'prompt')
    .orderBy('id')
    .execute()
  const live = (await liveAttempts(database.kysely)).map(({ promptId }) => promptId)
  const lastEvent = new Map(events.map(({ noun_id, type }) => [Number(noun_id), type]))
  const stateAfter = { submit: 'pending', assign: 'assigned', start: 'in_progress', finish: 'completed' }
  const running = prompts.filter(({ state }) => state === 'assigned' || state === 'in_progress')

  expect(stored.filter((id) => !prompts.some((prompt) => prompt.id === id))).toEqual([])
  expect(new Set(live)).toEqual(new Set(running.map(({ id }) => id)))
  for (const { id, state } of prompts) {
    expect(stateAfter[lastEvent.get(id) as keyof typeof stateAfter]).toBe(state)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
