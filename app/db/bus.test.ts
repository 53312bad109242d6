import { describe, expect, test } from 'vitest'
import { databases } from '../testing/databases.ts'
import type { Database } from './open.ts'
import { submitPrompt } from './prompts.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('a listener is woken by a write of its own process and of another one', async () => {
    await using store = await open()
    const another = await store.openAgain()
    await settled(store.database)

    for (const writer of [store.database, another]) {
      const woken = nextWake(store.database)
      await writer.write((db) => submitPrompt(db, { content: 'x' }, 1))

      expect(await woken).toBe('woken')
    }
  })

  test('a listener is woken by a notification of its own process', async () => {
    await using store = await open()
    await settled(store.database)
    const woken = nextWake(store.database)

    await store.database.bus.notify('sessions')

    expect(await woken).toBe('woken')
  })

  test('a listener that went away is not called, and those that stay are', async () => {
    await using store = await open()
    let calls = 0
    const leave = store.database.bus.subscribe(() => (calls += 1))
    await settled(store.database)
    leave()
    const callsBefore = calls
    const woken = nextWake(store.database)

    await store.database.bus.notify('prompts')
    await woken

    expect(calls).toBe(callsBefore)
  })
})

/** Listening has begun, and what it begins with is over. */
async function settled(database: Database) {
  const woken = nextWake(database)
  await database.bus.notify('prompts')
  await woken
}

function nextWake(database: Database): Promise<'woken' | 'asleep'> {
  return new Promise((resolve) => {
    const leave = database.bus.subscribe(() => done('woken'))
    const timer = setTimeout(() => done('asleep'), 5_000)
    const done = (result: 'woken' | 'asleep') => {
      clearTimeout(timer)
      leave()
      resolve(result)
    }
  })
}
