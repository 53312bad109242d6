import { describe, expect, test } from 'vitest'
import { defaultRetention, noBudget } from '../core/limits.ts'
import { databases } from '../testing/databases.ts'
import { toJson } from './columns.ts'
import { eventsAfter } from './events.ts'
import { getBudget, getRetention, setBudget, setRetention } from './settings.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('limits are the usual ones until somebody settles others, which the log tells', async () => {
    await using store = await open()
    const { database } = store
    const before = [await getRetention(database.kysely), await getBudget(database.kysely)]

    await database.write((db) => setRetention(db, { eventDays: 1, evidenceDays: 2, promptDays: 3 }, 10))
    await database.write((db) => setBudget(db, { tokensPerDay: 5, usdPerDay: null, stops: false }, 20))
    await database.write((db) => setBudget(db, { tokensPerDay: 6, usdPerDay: null, stops: true }, 30))

    expect(before).toEqual([defaultRetention, noBudget])
    expect(await getRetention(database.kysely)).toEqual({ eventDays: 1, evidenceDays: 2, promptDays: 3 })
    expect(await getBudget(database.kysely)).toEqual({ tokensPerDay: 6, usdPerDay: null, stops: true })
    const events = await eventsAfter(database.kysely, 0, { limit: 9 })
    expect(events.map(({ type }) => type)).toEqual(['retention', 'budget', 'budget'])
  })

  test('a value of another shape counts as none', async () => {
    await using store = await open()
    const { database } = store

    await database.write((db) =>
      db
        .insertInto('settings')
        .values({ key: 'budget', value: toJson<unknown>({ tokensPerDay: 'much' }), updated_at: 1 })
        .execute(),
    )

    expect(await getBudget(database.kysely)).toEqual(noBudget)
  })
})
