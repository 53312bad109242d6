import pg from 'pg'
import { expect, test } from 'vitest'
import { databases } from '../../testing/databases.ts'
import { createPostgresDatabase, createEmptyPostgresDatabase } from '../../testing/postgres.ts'
import { openDatabase } from '../open.ts'
import { listPrompts, submitPrompt } from '../prompts.ts'

const { open } = databases.find(({ name }) => name === 'postgres')!

test('a server that does not answer is named without its password', async () => {
  const databaseUrl = 'postgres://me:secret@127.0.0.1:1/architect'

  const error: unknown = await openDatabase({ dataDir: '.', databaseUrl }).catch((reason: unknown) => reason)

  expect(error).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/127\.0\.0\.1:1 does not answer\. Start it, or check DATABASE_URL/),
  })
  expect(String(error)).not.toContain('secret')
})

test('a wrong password and a missing database are told apart', async () => {
  const url = await createPostgresDatabase()

  await expect(
    openDatabase({ dataDir: '.', databaseUrl: url.replace(':architect@', ':wrong@') }),
  ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('refused the login') })
  await expect(
    openDatabase({ dataDir: '.', databaseUrl: url.replace(/test_\w+$/, 'nowhere') }),
  ).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('no such database') })
})

test('many that open and migrate an empty database at the same moment all succeed', async () => {
  const databaseUrl = await createEmptyPostgresDatabase()

  const opened = await Promise.all(
    Array.from({ length: 5 }, () => openDatabase({ dataDir: '.', databaseUrl })),
  )
  await Promise.all(opened.map((each) => each.write((db) => submitPrompt(db, { content: 'x' }, 1))))

  expect((await listPrompts(opened[0]!.kysely, { limit: 10 })).items).toHaveLength(5)
  for (const each of opened) await each[Symbol.asyncDispose]()
})

test('transactions that deadlock are run again until both are stored', async () => {
  await using store = await open()
  const { database } = store
  const ids: number[] = []
  for (let i = 0; i < 2; i += 1) {
    ids.push((await database.write((db) => submitPrompt(db, { content: 'x' }, 1))).prompt.id)
  }
  const touch = (order: number[]) =>
    database.write(async (db) => {
      for (const id of order) {
        await db
          .updateTable('prompts')
          .set((eb) => ({ skips: eb('skips', '+', 1) }))
          .where('id', '=', id)
          .execute()
        await pause(50)
      }
    })

  await Promise.all([touch(ids), touch(ids.toReversed())])

  const { items } = await listPrompts(database.kysely, { limit: 10 })
  expect(items.map(({ skips }) => skips)).toEqual([2, 2])
})

test('after the server dropped every connection, queries and listening go on', async () => {
  await using store = await open()
  const { database } = store
  let wakes = 0
  database.bus.subscribe(() => (wakes += 1))
  await database.write((db) => submitPrompt(db, { content: 'before' }, 1))

  await dropConnections(store.databaseUrl!)
  await pause(1_500)
  const wakesBefore = wakes
  await database.write((db) => submitPrompt(db, { content: 'after' }, 1))
  await pause(500)

  expect((await listPrompts(database.kysely, { limit: 10 })).items).toHaveLength(2)
  expect(wakes).toBeGreaterThan(wakesBefore)
})

test('a connection that is dropped between the queries of a transaction fails that transaction alone', async () => {
  await using store = await open()
  const { database } = store

  const broken = database.write(async (db) => {
    await submitPrompt(db, { content: 'lost' }, 1)
    await dropConnections(store.databaseUrl!)
    await pause(200)
    await submitPrompt(db, { content: 'lost, too' }, 1)
  })

  await expect(broken).rejects.toMatchObject({ code: 'unavailable' })
  await database.write((db) => submitPrompt(db, { content: 'after' }, 1))
  expect((await listPrompts(database.kysely, { limit: 10 })).items).toHaveLength(1)
})

async function dropConnections(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  await client.end()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
