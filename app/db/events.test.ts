import { describe, expect, test } from 'vitest'
import { databases } from '../testing/databases.ts'
import { appendEvent, eventsAfter, latestCursor, type NewEvent } from './events.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('the log is followed by cursor, and filtered by what it is about', async () => {
    await using store = await open()
    const { database } = store
    const empty = await latestCursor(database.kysely)
    for (const nounId of ['1', '2', '1']) await database.write(async (db) => appendEvent(db, event(nounId)))

    const all = await eventsAfter(database.kysely, empty, { limit: 10 })
    const rest = await eventsAfter(database.kysely, all[0]!.id, { limit: 10, noun: 'prompt', nounId: '1' })

    expect(empty).toBe(0)
    expect(all.map(({ nounId }) => nounId)).toEqual(['1', '2', '1'])
    expect(all[0]).toEqual({ id: all[0]!.id, ...event('1') })
    expect(rest.map(({ id }) => id)).toEqual([all[2]!.id])
    expect(await latestCursor(database.kysely)).toBe(all[2]!.id)
    expect(await eventsAfter(database.kysely, 0, { limit: 2 })).toHaveLength(2)
  })

  test('whoever follows the log misses nothing while many write at the same time', async () => {
    await using store = await open()
    const connections = [store.database, await store.openAgain()]
    const writers = 8
    const each = 15
    const followed: string[] = []
    let cursor = 0

    const writing = Promise.all(
      Array.from({ length: writers }, async (_, writer) => {
        for (let i = 0; i < each; i += 1) {
          await connections[writer % 2]!.write(async (db) => {
            appendEvent(db, event(`${writer}-${i}`))
            await pause(Math.random() * 2)
          })
        }
      }),
    )
    while (followed.length < writers * each) {
      const news = await eventsAfter(store.database.kysely, cursor, { limit: 7 })
      followed.push(...news.map(({ nounId }) => nounId))
      cursor = news.at(-1)?.id ?? cursor
      await pause(1)
    }
    await writing

    expect(new Set(followed).size).toBe(writers * each)
  })

  test('an event outside of a write is a mistake', async () => {
    await using store = await open()

    expect(() => appendEvent(store.database.kysely, event('1'))).toThrow('outside of Database.write')
  })
})

function event(nounId: string): NewEvent {
  return { at: 5, noun: 'prompt', nounId, type: 'submit', data: { text: 'ä "b"' } }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
