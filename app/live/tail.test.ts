import { describe, expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { appendEvent } from '../db/events.ts'
import type { Database } from '../db/open.ts'
import { openLog } from '../log.ts'
import { databases } from '../testing/databases.ts'
import { waitFor } from '../testing/wait-for.ts'
import { EventTail } from './tail.ts'

const add = (database: Database, count: number) =>
  database.write(async (db) => {
    for (let each = 0; each < count; each += 1) {
      appendEvent(db, { at: 0, noun: 'queue', nounId: '', type: 'test', data: { each } })
    }
  })

describe.each(databases)('the tail on $name', ({ open }) => {
  test('tells what other processes and this one write, each once and in order, from its beginning on', async () => {
    await using store = await open()
    using log = openLog(readConfig({ ARCHITECT_DATA: store.dataDir, LOG_LEVEL: 'silent' }), 'test')
    const others = [store.database, await store.openAgain(), await store.openAgain()]
    await add(store.database, 3)
    await using tail = await EventTail.open(store.database, log)
    const told: number[] = []
    tail.onEvents((events) => told.push(...events.map(({ id }) => id)))
    const begin = tail.cursor

    await Promise.all(
      others.map(async (database) => {
        for (let times = 0; times < 40; times += 1) await add(database, (times % 3) + 1)
        await add(database, 600)
      }),
    )
    const expected = 3 * (40 * 2 - 1 + 600)
    await waitFor(async () => told.length >= expected, 'all events', 10_000)

    expect(told).toHaveLength(expected)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect(new Set(told).size).toBe(expected)
    expect(told[0]).toBeGreaterThan(begin)
    expect(tail.cursor).toBe(told.at(-1))
  })

  test('a database that does not answer for a moment costs no event', async () => {
    await using store = await open()
    using log = openLog(readConfig({ ARCHITECT_DATA: store.dataDir, LOG_LEVEL: 'silent' }), 'test')
    let failures = 2
    const kysely = new Proxy(store.database.kysely, {
      get(target, property) {
        if (property === 'selectFrom' && failures-- > 0) throw new Error('not now')
        const value: unknown = Reflect.get(target, property, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    failures = 0
    await using tail = await EventTail.open({ ...store.database, kysely }, log)
    const told: number[] = []
    tail.onEvents((events) => told.push(...events.map(({ id }) => id)))
    failures = 2

    await add(store.database, 5)

    await waitFor(async () => told.length === 5, 'the events', 10_000)
    expect(failures).toBeLessThanOrEqual(0)
  })
})
