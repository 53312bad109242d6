import { describe, expect, test } from 'vitest'
import { databases } from '../testing/databases.ts'
import { addUsage, usagePerSession } from './usage.ts'

const dayMs = 86_400_000

describe.each(databases)('on $name', ({ open }) => {
  test('usage is kept by session, day and model, and added up', async () => {
    await using store = await open()
    const { database } = store
    const dev = { node: 'here', name: 'dev' }

    await database.write((db) =>
      addUsage(db, dev, [{ at: 5 * dayMs + 1, model: 'a', tokensIn: 3, costUsd: 0.5 }]),
    )
    await database.write((db) =>
      addUsage(db, dev, [
        { at: 6 * dayMs - 1, model: 'a', tokensIn: 4, tokensOut: 1 },
        { at: 6 * dayMs, model: 'a', requests: 1 },
      ]),
    )

    const zero = { cacheRead: 0, cacheWrite: 0, errors: 0 }
    expect(await usagePerSession(database.kysely, 5 * dayMs + 7)).toEqual([
      { ...dev, ...zero, day: 6 * dayMs, model: 'a', tokensIn: 0, tokensOut: 0, costUsd: 0, requests: 1 },
      { ...dev, ...zero, day: 5 * dayMs, model: 'a', tokensIn: 7, tokensOut: 1, costUsd: 0.5, requests: 0 },
    ])
    expect(await usagePerSession(database.kysely, 7 * dayMs)).toEqual([])
  })
})
