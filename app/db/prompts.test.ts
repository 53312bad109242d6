import { describe, expect, test } from 'vitest'
import type { NewPrompt, Prompt } from '../core/prompt.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { claimNextPrompt } from './claims.ts'
import { eventsAfter } from './events.ts'
import type { Database } from './open.ts'
import {
  advancePrompt,
  clearPrompts,
  editPrompt,
  expirePrompts,
  getPrompt,
  listPrompts,
  noteWaiting,
  promptCounts,
  queueOf,
  requestInterrupt,
  submitPrompt,
  wakeHeldPrompts,
} from './prompts.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('a submitted prompt is stored as it was handed in, with its event', async () => {
    await using store = await open()
    const { database } = store
    const content = `Fix "it" – $HOME; \`ls\` #{x} \\ 日本語 🎉\n\tand more`

    const { prompt, created } = await database.write((db) =>
      submitPrompt(
        db,
        {
          content,
          priority: 7,
          target: { tag: 'ui', dir: '/code' },
          metadata: { by: 'me', deep: { list: [1, null] } },
          timeoutMinutes: 0.5,
          maxRetries: 1,
          agentCommand: true,
          repeatable: true,
          context: 'fresh',
          expiresAt: 9_000_000_000_000,
        },
        1000,
      ),
    )

    expect(created).toBe(true)
    expect(await getPrompt(database.kysely, prompt.id)).toEqual(prompt)
    expect(prompt).toMatchObject({
      state: 'pending',
      content,
      priority: 7,
      target: { tag: 'ui', dir: '/code' },
      metadata: { by: 'me', deep: { list: [1, null] } },
      timeoutMinutes: 0.5,
      maxRetries: 1,
      agentCommand: true,
      repeatable: true,
      context: 'fresh',
      expiresAt: 9_000_000_000_000,
      createdAt: 1000,
      enqueuedAt: 1000,
      hold: null,
      attempts: 0,
      version: 1,
    })
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toMatchObject([
      { noun: 'prompt', nounId: String(prompt.id), type: 'submit', at: 1000, data: { state: 'pending' } },
    ])
  })

  test('a prompt of 1 MB comes back whole', async () => {
    await using store = await open()
    const content = 'ä\n'.repeat(349_525)

    const { id } = await submit(store.database, { content })

    expect((await getPrompt(store.database.kysely, id)).content === content).toBe(true)
  })

  test('a second prompt with the same idempotency key is the first one, also at the same moment', async () => {
    await using store = await open()
    const { database } = store
    const another = await store.openAgain()

    const results = await Promise.all(
      [database, another, database, another].map((each, i) =>
        each.write((db) => submitPrompt(db, { content: `text ${i}`, idempotencyKey: 'k' }, 1000)),
      ),
    )

    expect(results.filter(({ created }) => created)).toHaveLength(1)
    expect(new Set(results.map(({ prompt }) => prompt.id)).size).toBe(1)
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toHaveLength(1)
  })

  test('an unknown prompt is said to be unknown', async () => {
    await using store = await open()
    const { database } = store

    await expect(getPrompt(database.kysely, 7)).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no prompt 7.',
    })
    await expect(submit(database, { content: 'x', after: [7] })).rejects.toMatchObject({ code: 'invalid' })
    await expect(database.write((db) => advancePrompt(db, 7, 'cancel', {}, 1))).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('lists are newest first and go on where the last page ended', async () => {
    await using store = await open()
    const { database } = store
    const ids: number[] = []
    for (let i = 0; i < 5; i += 1) ids.push((await submit(database, { content: `${i}`, staged: i === 0 })).id)

    const first = await listPrompts(database.kysely, { limit: 2 })
    const rest = await listPrompts(database.kysely, { limit: 5, before: first.nextCursor! })
    const staged = await listPrompts(database.kysely, { limit: 5, states: ['staged'] })

    expect(first.items.map(({ id }) => id)).toEqual([ids[4], ids[3]])
    expect(rest).toMatchObject({ items: [{ id: ids[2] }, { id: ids[1] }, { id: ids[0] }], nextCursor: null })
    expect(staged.items.map(({ id }) => id)).toEqual([ids[0]])
    expect(await promptCounts(database.kysely)).toMatchObject({ staged: 1, pending: 4, completed: 0 })
  })

  test('the queue is in the order of delivery: one priority point is worth ten minutes', async () => {
    await using store = await open()
    const { database } = store
    const old = await submit(database, { content: 'old', priority: 0 }, 0)
    const soon = await submit(database, { content: 'soon', priority: 1 }, 599_999)
    const late = await submit(database, { content: 'late', priority: 1 }, 600_001)
    const held = await submit(database, { content: 'held', priority: 10, notBefore: 9_000_000 }, 600_002)

    const queue = await queueOf(database.kysely, 10)

    expect(queue.map(({ id }) => id)).toEqual([held.id, soon.id, old.id, late.id])
    expect(queue.map(({ position }) => position)).toEqual([1, 2, 3, 4])
  })

  test('a waiting prompt can be edited, unless somebody else was faster', async () => {
    await using store = await open()
    const { database } = store
    const { id, version } = await submit(database, { content: 'a' })

    const edited = await database.write((db) =>
      editPrompt(
        db,
        id,
        { content: 'b', priority: 9, target: { agent: 'codex' }, expiresAt: null },
        2,
        version,
      ),
    )

    expect(edited).toMatchObject({
      content: 'b',
      priority: 9,
      target: { agent: 'codex' },
      version: version + 1,
    })
    await expect(
      database.write((db) => editPrompt(db, id, { content: 'c' }, 3, version)),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('changed meanwhile') })
    const codex = claimingSession({ agent: 'codex' })
    expect(await database.write((db) => claimNextPrompt(db, claimingSession(), lease, 4))).toBeNull()
    expect(await database.write((db) => claimNextPrompt(db, codex, lease, 4))).not.toBeNull()
    await expect(database.write((db) => editPrompt(db, id, { content: 'd' }, 5))).rejects.toMatchObject({
      message: `Cannot edit prompt ${id}: it is assigned.`,
    })
  })

  test('a running prompt is interrupted by request, a waiting one is not', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await submit(database, { content: 'a' })

    await expect(database.write((db) => requestInterrupt(db, id, 2))).rejects.toMatchObject({
      message: `Cannot interrupt prompt ${id}: it is pending; cancel it with --cancel ${id}.`,
    })
    await database.write((db) => claimNextPrompt(db, claimingSession(), lease, 3))
    const first = await database.write((db) => requestInterrupt(db, id, 4))
    const second = await database.write((db) => requestInterrupt(db, id, 5))

    expect([first.interruptRequestedAt, second.interruptRequestedAt]).toEqual([4, 4])
    await expect(database.write((db) => advancePrompt(db, id, 'cancel', {}, 6))).rejects.toMatchObject({
      code: 'conflict',
      message: `Cannot cancel prompt ${id}: it is assigned; interrupt it first with --interrupt ${id}.`,
    })
  })

  test('each skip is counted, and only a new reason makes an event', async () => {
    await using store = await open()
    const { database } = store
    const { id, version } = await submit(database, { content: 'a' })

    for (const reason of ['web is busy', 'web is busy', 'web is paused']) {
      await database.write((db) => noteWaiting(db, id, reason, 2))
    }

    const prompt = await getPrompt(database.kysely, id)
    const events = await eventsAfter(database.kysely, 0, { limit: 10, noun: 'prompt', nounId: String(id) })
    expect(prompt).toMatchObject({ skips: 3, waitingFor: 'web is paused', version })
    expect(events.map(({ type }) => type)).toEqual(['submit', 'waiting', 'waiting'])
  })

  test('a prompt with a time waits for it and is then given out', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await submit(database, { content: 'a', notBefore: 5000 })

    const early = await database.write((db) => wakeHeldPrompts(db, 4999))
    const unclaimed = await database.write((db) => claimNextPrompt(db, claimingSession(), lease, 4999))
    const due = await database.write((db) => wakeHeldPrompts(db, 5000))
    const claim = await database.write((db) => claimNextPrompt(db, claimingSession(), lease, 5000))

    expect(early).toEqual({ woken: [], nextAt: 5000 })
    expect(unclaimed).toBeNull()
    expect(due).toEqual({ woken: [id], nextAt: null })
    expect(claim?.prompt.id).toBe(id)
  })

  test('a prompt nobody took in time fails and says so', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await submit(database, { content: 'a', expiresAt: 5000 })

    const before = await database.write((db) => expirePrompts(db, 4999))
    const expired = await database.write((db) => expirePrompts(db, 5000))
    const revived = await database.write((db) => advancePrompt(db, id, 'retry', {}, 6000))

    expect([before, expired]).toEqual([[], [id]])
    expect(revived).toMatchObject({ state: 'pending', expiresAt: null, reason: null, enqueuedAt: 6000 })
  })

  test('clearing deletes what is over, except what a living prompt waits for', async () => {
    await using store = await open()
    const { database } = store
    const needed = await submit(database, { content: 'a' })
    const over = await submit(database, { content: 'b' })
    await submit(database, { content: 'c', after: [needed.id] })
    for (const { id } of [needed, over]) await database.write((db) => advancePrompt(db, id, 'cancel', {}, 50))

    const recent = await database.write((db) => clearPrompts(db, { olderThan: 50 }, 60))
    const count = await database.write((db) => clearPrompts(db, { states: ['cancelled'], olderThan: 51 }, 60))

    expect([recent, count]).toEqual([0, 1])
    const left = await listPrompts(database.kysely, { limit: 10 })
    expect(left.items.map(({ content }) => content)).toEqual(['c', 'a'])
  })

  test('a change without an open write is refused, and changes nothing', async () => {
    await using store = await open()
    const { database } = store

    await expect(submitPrompt(database.kysely, { content: 'a' }, 1)).rejects.toThrow(
      'outside of Database.write',
    )

    expect((await listPrompts(database.kysely, { limit: 1 })).items).toEqual([])
  })

  test('a write that fails leaves neither prompt nor event, and its neighbours are stored', async () => {
    await using store = await open()
    const { database } = store
    const failing = database.write(async (db) => {
      await submitPrompt(db, { content: 'lost' }, 1)
      throw new Error('on purpose')
    })
    const kept = [submit(database, { content: 'one' }), submit(database, { content: 'two' })]

    await expect(failing).rejects.toThrow('on purpose')
    await Promise.all(kept)

    const { items } = await listPrompts(database.kysely, { limit: 10 })
    expect(items.map(({ content }) => content).sort()).toEqual(['one', 'two'])
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toHaveLength(2)
  })
})

async function submit(database: Database, input: NewPrompt, now = 1000): Promise<Prompt> {
  return (await database.write((db) => submitPrompt(db, input, now))).prompt
}
