import { describe, expect, test } from 'vitest'
import { submit } from '../../broker/commands.ts'
import type { PromptId } from '../../core/prompt.ts'
import { databases } from '../../testing/databases.ts'
import type { Database } from '../open.ts'
import { partsOf } from './parts.ts'
import { listPromptSummaries } from './summary.ts'

const everything = { limit: 50, tops: true, sort: 'oldest' } as const

describe.each(databases)('on $name', ({ open }) => {
  test('parts are found below what they are a part of, each directly behind its parent', async () => {
    await using store = await open()
    const { database } = store
    const [whole, other] = [await send(database), await send(database)]
    const [one, two] = [await send(database, whole), await send(database, whole)]
    const inner = await send(database, one)

    const tops = await listPromptSummaries(database.kysely, everything)
    const parts = await partsOf(database.kysely, [whole, other], {})

    expect(tops.map(({ id }) => id)).toEqual([whole, other])
    expect([...parts.keys()]).toEqual([whole])
    expect(parts.get(whole)!.shown.map(({ id, level, parent }) => [id, level, parent])).toEqual([
      [one, 1, whole],
      [inner, 2, one],
      [two, 1, whole],
    ])
    expect(parts.get(whole)!.states).toEqual(['pending', 'pending', 'pending'])
  })

  test('a part stands by itself where what it is a part of is not listed, and never twice', async () => {
    await using store = await open()
    const { database } = store
    const whole = await send(database)
    const one = await send(database, whole)
    const inner = await send(database, one)
    await database.write(async (db) => {
      await db.updateTable('prompts').set({ state: 'completed' }).where('id', '=', one).execute()
    })
    const waiting = { states: ['pending'] } as const

    const tops = await listPromptSummaries(database.kysely, { ...everything, ...waiting })
    const parts = await partsOf(database.kysely, [whole, inner], waiting)

    expect(tops.map(({ id }) => id)).toEqual([whole, inner])
    expect(parts.size).toBe(0)
  })

  test('of many parts the first are shown and all are counted', async () => {
    await using store = await open()
    const { database } = store
    const whole = await send(database)
    for (let made = 0; made < 30; made++) await send(database, whole)

    const parts = await partsOf(database.kysely, [whole], {})

    expect(parts.get(whole)!.shown).toHaveLength(25)
    expect(parts.get(whole)!.states).toHaveLength(30)
    expect(await partsOf(database.kysely, [], {})).toEqual(new Map())
  })
})

/** A prompt, or a part of one. */
async function send(database: Database, parent?: PromptId): Promise<PromptId> {
  const { prompt } = await submit(database, { content: 'x', ...(parent !== undefined && { parent }) }, 1)
  return prompt.id
}
