import { describe, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { advancePrompt, submitPrompt } from '../db/prompts.ts'
import type { NewPrompt } from '../core/prompt.ts'
import { runTagged } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { parseCursor, queueSnapshot, type QueueItem } from './snapshot.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('the whole queue is read page by page in its order, whatever the size of a page', async () => {
    await using store = await open()
    const { database } = store
    await fill(database)
    const whole = await queueSnapshot(database.kysely, { limit: 100 })

    for (const limit of [1, 2, 3, 7]) {
      const items: QueueItem[] = []
      for (let after: string | undefined; ;) {
        const page = await queueSnapshot(database.kysely, { limit, ...(after !== undefined && { after }) })
        items.push(...page.items)
        expect(page.items.length).toBeLessThanOrEqual(limit)
        if (page.nextCursor === null) break
        after = page.nextCursor
      }
      expect(items).toEqual(whole.items)
    }
    expect(whole.items.map(({ prompt, status, queuePosition }) => [prompt, status, queuePosition])).toEqual([
      ['urgent', 'queued', 1],
      ['first', 'queued', 2],
      ['second', 'queued', 3],
      ['held', 'queued', 4],
      ['runs', 'running', 0],
      ['staged', 'staged', null],
      ['gone later', 'canceled', null],
      ['gone', 'canceled', null],
    ])
  })

  test('the buckets count everything, and name the first ones in their order', async () => {
    await using store = await open()
    const ids = await fill(store.database)

    const { statusBuckets, cursor } = await queueSnapshot(store.database.kysely, { limit: 1 })

    expect(statusBuckets.queued).toEqual({ count: 4, ids: [ids.urgent, ids.first, ids.second, ids.held] })
    expect(statusBuckets.canceled).toEqual({ count: 2, ids: [ids['gone later'], ids.gone] })
    expect(statusBuckets.completed).toEqual({ count: 0, ids: [] })
    expect(cursor).toBeGreaterThan(0)
  })

  test('a project and a status narrow the list, not the places', async () => {
    await using store = await open()
    const ids = await fill(store.database)

    const { items } = await queueSnapshot(store.database.kysely, { limit: 9, projectId: "o'hara" })
    const canceled = await queueSnapshot(store.database.kysely, { limit: 9, statuses: ['canceled'] })

    expect(items.map(({ id, queuePosition }) => [id, queuePosition])).toEqual([[ids.second, 3]])
    expect(canceled.items.map(({ id }) => id)).toEqual([ids['gone later'], ids.gone])
  })
})

test.each(['', 'x', 'queued', 'queued.1', 'queued.1.x', 'nothing.1.2', 'queued.1e99.2'])(
  'the cursor "%s" is none',
  (cursor) => {
    expect(parseCursor(cursor)).toBeNull()
  },
)

/** Eight prompts in every kind of place; their ids by their texts. */
async function fill(database: Database): Promise<Record<string, number>> {
  const ids: Record<string, number> = {}
  let now = 1_000_000
  const add = async (content: string, more: Partial<NewPrompt> = {}) => {
    now += 1_000
    const { prompt } = await database.write((db) => submitPrompt(db, { content, ...more }, now))
    ids[content] = prompt.id
  }
  await add('gone')
  await add('gone later')
  await add('first')
  await add('second', { metadata: { project_id: "o'hara" } })
  await add('held', { notBefore: now * 2 })
  await add('staged', { staged: true })
  await add('runs', { target: { tag: 'runs' } })
  await add('urgent', { priority: 9 })
  await runTagged(database, 'runs')
  for (const name of ['gone', 'gone later']) {
    await database.write((db) => advancePrompt(db, ids[name]!, 'cancel', {}, now))
  }
  return ids
}
