import { expect, test } from 'vitest'
import { listSessions, saveSession } from '../db/sessions.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { liveSession } from '../testing/live-session.ts'
import { storedSession } from '../testing/stored-session.ts'
import { flushBooks, SessionBook } from './session-book.ts'
import type { Tools } from './tools.ts'

const key = 'test/default/%3'

test.each(databases)('a session that is not seen again is gone on $name', async ({ open }) => {
  await using store = await open()
  const { book, tools } = await bookOf(store)

  await book.open()
  await flushBooks(tools, [book])

  expect(await statesOf(store)).toEqual(['gone'])
})

test.each(databases)(
  'a session that is told of while rows are read is not gone on $name',
  async ({ open }) => {
    await using store = await open()
    const { book, tools } = await bookOf(store)

    const opened = book.open()
    book.note(liveSession(key))
    await opened
    await flushBooks(tools, [book])

    expect(await statesOf(store)).toEqual(['idle'])
  },
)

test.each(databases)('…nor is one that was written by then on $name', async ({ open }) => {
  await using store = await open()
  const { book, tools } = await bookOf(store)

  const opened = book.open()
  book.note(liveSession(key))
  await flushBooks(tools, [book])
  await opened
  await flushBooks(tools, [book])

  expect(await statesOf(store)).toEqual(['idle'])
})

/** Of a node on which an earlier assigner saw a session. */
async function bookOf({ database }: TestStore) {
  await database.write((db) => saveSession(db, storedSession({ name: 'dev', key })))
  const tools = { database, clock: { now: () => 2_000 }, host: { node: 'test' } } as unknown as Tools
  return { book: new SessionBook(tools), tools }
}

async function statesOf({ database }: TestStore) {
  return (await listSessions(database.kysely, { gone: true })).map(({ state }) => state)
}
