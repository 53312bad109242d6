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
    expect(all[0]).toEqual({ id: all[0]!.id, ...event('1'), actor: null })
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

  test('a write says who did it, and the next one on the same connection does not', async () => {
    await using store = await open()
    const anna = { kind: 'user', name: 'anna', address: '10.0.0.7' } as const
    const byAnna = store.database.by(anna)
    const byRule = byAnna.by({ kind: 'rule', name: '7', address: null })

    await byAnna.write(async (db) => appendEvent(db, event('1')))
    await store.database.write(async (db) => appendEvent(db, event('2')))
    await byAnna.write(async () => undefined)
    await store.database.write(async (db) => appendEvent(db, event('3')))
    await expect(byAnna.write(() => Promise.reject(new Error('undone')))).rejects.toThrow('undone')
    await store.database.write(async (db) => appendEvent(db, event('4')))
    await byRule.write(async (db) => appendEvent(db, event('5')))

    const events = await eventsAfter(store.database.kysely, 0, { limit: 10 })
    expect(events.map(({ nounId, actor }) => [nounId, actor])).toEqual([
      ['1', anna],
      ['2', null],
      ['3', null],
      ['4', null],
      ['5', { kind: 'rule', name: '7', address: null }],
    ])
  })

  test('writes of many people at the same time keep their names apart', async () => {
    await using store = await open()
    const names = Array.from({ length: 40 }, (_, n) => `u${n}`)

    await Promise.all(
      names.map((name) =>
        store.database.by({ kind: 'user', name, address: null }).write(async (db) => {
          await pause(Math.random() * 3)
          appendEvent(db, event(name))
        }),
      ),
    )

    const events = await eventsAfter(store.database.kysely, 0, { limit: 100 })
    expect(events).toHaveLength(40)
    expect(events.filter(({ nounId, actor }) => actor?.name !== nounId)).toEqual([])
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
