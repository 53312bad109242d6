import { describe, expect, test } from 'vitest'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { claimNextPrompt } from './claims.ts'
import type { Database } from './open.ts'
import { advancePrompt, getPrompt, submitPrompt } from './prompts.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('a prompt waits until all that it depends on are completed', async () => {
    await using store = await open()
    const { database } = store
    const [a, b] = [await submit(database), await submit(database)]
    const last = await submit(database, [a, b])

    await complete(database, 2)
    const half = await getPrompt(database.kysely, last)
    await complete(database, 3)
    const free = await getPrompt(database.kysely, last)

    expect(half).toMatchObject({ hold: 'dependency', after: [a, b] })
    expect(free).toMatchObject({ state: 'pending', hold: null })
    expect((await claim(database))?.prompt.id).toBe(last)
  })

  test('a person is told when a dependency fails, and no longer once it runs again', async () => {
    await using store = await open()
    const { database } = store
    const first = await submit(database)
    const last = await submit(database, [first])

    await claim(database)
    await database.write((db) => advancePrompt(db, first, 'fail', { reason: 'crashed' }, 3))
    const told = await getPrompt(database.kysely, last)
    await database.write((db) => advancePrompt(db, first, 'retry', {}, 4))
    const again = await getPrompt(database.kysely, last)

    expect(told).toMatchObject({
      hold: 'dependency',
      attention: expect.stringContaining(`prompt ${first}, which failed`),
    })
    expect(again).toMatchObject({ hold: 'dependency', attention: null })
  })

  test('a prompt that depends on something completed does not wait, on something failed it is flagged', async () => {
    await using store = await open()
    const { database } = store
    const [done, failed] = [await submit(database), await submit(database)]
    await complete(database, 2)
    await database.write((db) => advancePrompt(db, failed, 'cancel', {}, 3))

    const free = await getPrompt(database.kysely, await submit(database, [done]))
    const flagged = await getPrompt(database.kysely, await submit(database, [done, failed]))

    expect(free).toMatchObject({ hold: null, attention: null })
    expect(flagged).toMatchObject({ hold: 'dependency', attention: expect.stringContaining('was cancelled') })
  })

  test('a staged prompt with a dependency waits for it after its approval', async () => {
    await using store = await open()
    const { database } = store
    const first = await submit(database)
    const { prompt } = await database.write((db) =>
      submitPrompt(db, { content: 'x', staged: true, after: [first] }, 1),
    )

    const approved = await database.write((db) => advancePrompt(db, prompt.id, 'approve', {}, 2))
    await complete(database, 3)

    expect(approved).toMatchObject({ state: 'pending', hold: 'dependency', enqueuedAt: 2 })
    expect(await getPrompt(database.kysely, prompt.id)).toMatchObject({ hold: null })
  })

  test('a prompt with a time and a dependency waits for both', async () => {
    await using store = await open()
    const { database } = store
    const first = await submit(database)
    const { prompt } = await database.write((db) =>
      submitPrompt(db, { content: 'x', notBefore: 5000, after: [first] }, 1),
    )

    await complete(database, 3)

    expect(await getPrompt(database.kysely, prompt.id)).toMatchObject({ hold: 'not_before', wakeAt: 5000 })
  })

  test('a cancelled prompt that is retried waits for its dependency again', async () => {
    await using store = await open()
    const { database } = store
    const first = await submit(database)
    const last = await submit(database, [first])

    await database.write((db) => advancePrompt(db, last, 'cancel', {}, 2))
    const retried = await database.write((db) => advancePrompt(db, last, 'retry', {}, 3))

    expect(retried).toMatchObject({ state: 'pending', hold: 'dependency' })
  })

  test('no prompt is left waiting when its dependency ends in the moment of its submission', async () => {
    await using store = await open()
    const { database } = store
    const another = await store.openAgain()

    for (let round = 0; round < 10; round += 1) {
      const first = await submit(database)
      await claim(database)
      const [last] = await Promise.all([
        submit(another, [first]),
        database.write((db) => advancePrompt(db, first, 'finish', {}, 3)),
      ])

      const prompt = await getPrompt(database.kysely, last)
      expect(prompt.hold).toBeNull()
      await database.write((db) => advancePrompt(db, last, 'cancel', {}, 4))
    }
  })
})

async function submit(database: Database, after: number[] = []): Promise<number> {
  return (await database.write((db) => submitPrompt(db, { content: 'x', after }, 1))).prompt.id
}

function claim(database: Database) {
  return database.write((db) => claimNextPrompt(db, claimingSession(), lease, 2))
}

async function complete(database: Database, now: number) {
  const claimed = await claim(database)
  await database.write((db) => advancePrompt(db, claimed!.prompt.id, 'finish', {}, now))
}
