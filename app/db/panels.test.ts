import { describe, expect, test } from 'vitest'
import { populate } from '../testing/browser/fleet.ts'
import { databases } from '../testing/databases.ts'
import { listActivity } from './activity.ts'
import { endedPerSlot, oldestWaiting, spentPerSlot, spentSince } from './figures.ts'
import { countNeeds, waitingSessionKeys } from './needs.ts'
import { listPromptSummaries, type SummaryFilter } from './prompt/summary.ts'
import { setSessionSettings } from './sessions.ts'
import { eventsOfPrompt, eventsOfSession } from './timeline.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const now = Date.UTC(2026, 10, 21, 12)

describe.each(databases)('on $name', ({ open }) => {
  async function openFleet() {
    const store = await open()
    await populate(store.database, 'test', now)
    return store
  }

  test('prompts are found by words in any case, by number, state and session', async () => {
    await using store = await openFleet()
    const db = store.database.kysely
    const beginnings = async (filter: Omit<SummaryFilter, 'limit'>) =>
      (await listPromptSummaries(db, { ...filter, limit: 50 })).map(({ beginning }) => beginning)

    expect(await beginnings({ search: 'PAYMENT v4' })).toEqual(['Upgrade the payment client to v4'])
    expect(await beginnings({ search: '%' })).toEqual([])
    expect(await beginnings({ search: 'explain' })).toHaveLength(1)
    const [numbered] = await listPromptSummaries(db, { search: '#3', limit: 1 })
    expect(numbered?.id).toBe(3)
    expect(await beginnings({ states: ['failed'] })).toEqual(['Run the load test against staging'])
    expect(await beginnings({ sessionName: 'docs', states: ['completed'] })).toHaveLength(2)
    expect(await beginnings({ attention: true })).toEqual(['Rename the customer table to accounts'])
  })

  test('a summary says how the last attempt went', async () => {
    await using store = await openFleet()

    const [newest] = await listPromptSummaries(store.database.kysely, {
      states: ['completed'],
      sort: 'ended',
      limit: 1,
    })

    expect(newest).toMatchObject({
      beginning: 'Fix the flaky login test and say why it was flaky',
      tokens: 12_434,
      costUsd: 0.0834,
      changes: { addedLines: 84, removedLines: 12 },
    })
  })

  test('each order is the one that its name says, page by page', async () => {
    await using store = await openFleet()
    const db = store.database.kysely
    const ids = async (filter: Omit<SummaryFilter, 'limit'>, limit = 50) =>
      (await listPromptSummaries(db, { ...filter, limit })).map(({ id }) => id)

    const newest = await ids({})
    const pages = [await ids({}, 4), await ids({ offset: 4 }, 4)].flat()
    const waiting = await listPromptSummaries(db, { states: ['pending'], sort: 'queue', limit: 9 })

    expect(newest).toEqual([...newest].sort((a, b) => b - a))
    expect(await ids({ sort: 'oldest' })).toEqual([...newest].toReversed())
    expect(pages).toEqual(newest.slice(0, 8))
    expect(waiting[0]).toMatchObject({ priority: 5 })
    expect((await listPromptSummaries(db, { sort: 'priority', limit: 1 }))[0]).toMatchObject({ priority: 5 })
  })

  test('what needs a person is counted without what is ignored', async () => {
    await using store = await openFleet()
    const { database } = store

    const before = await countNeeds(database.kysely)
    await database.write((db) =>
      setSessionSettings(db, { node: 'test', name: 'web' }, { ignored: true }, now),
    )

    // One in doubt, one to approve, a permission and a question.
    expect(before).toBe(4)
    expect(await countNeeds(database.kysely)).toBe(3)
    expect([...(await waitingSessionKeys(database.kysely))]).toEqual(['pi-2/default/%5'])
  })

  test('figures of time and money', async () => {
    await using store = await openFleet()
    const db = store.database.kysely

    const ended = await endedPerSlot(db, now - 2 * hourMs, hourMs)
    const spent = await spentPerSlot(db, now - 2 * hourMs, 2 * hourMs)
    const sum = await spentSince(db, now - 30 * minuteMs)

    expect(ended.toSorted((a, b) => a.slot - b.slot || a.state.localeCompare(b.state))).toEqual([
      { slot: 0, state: 'completed', count: 1 },
      { slot: 1, state: 'completed', count: 4 },
      { slot: 1, state: 'failed', count: 1 },
    ])
    expect(spent.reduce((total, { tokens }) => total + tokens, 0)).toBe(5 * 12_434)
    expect(sum.tokens).toBe(2 * 12_434)
    expect(sum.costUsd).toBeCloseTo(2 * 0.0834)
    expect(await oldestWaiting(db)).toBe(now - 4 * minuteMs)
  })

  test('the log is read newest first, and by who and what', async () => {
    await using store = await openFleet()
    const { database } = store
    await database
      .by({ kind: 'user', name: 'ada', address: '10.0.0.9' })
      .write((db) => setSessionSettings(db, { node: 'test', name: 'web' }, { paused: true }, now))

    const all = await listActivity(database.kysely, { limit: 500 })
    const ada = await listActivity(database.kysely, { limit: 9, actorKinds: ['user', 'token'] })
    const older = await listActivity(database.kysely, { limit: 2, before: all[1]!.id })
    const quiet = await listActivity(database.kysely, { limit: 500, without: ['session', 'attempt'] })

    expect(all[0]).toMatchObject({ type: 'settings', actor: { name: 'ada', address: '10.0.0.9' } })
    expect(ada).toHaveLength(1)
    expect(older.map(({ id }) => id)).toEqual(all.slice(2, 4).map(({ id }) => id))
    expect(new Set(quiet.map(({ noun }) => noun))).toEqual(new Set(['prompt']))
    expect(await listActivity(database.kysely, { limit: 9, actorName: 'nobody' })).toEqual([])
  })

  test("a prompt's and a session's own events are told in order", async () => {
    await using store = await openFleet()
    const db = store.database.kysely

    const prompt = await eventsOfPrompt(db, 1)
    const session = await eventsOfSession(db, 'test/default/%0', { from: 0, to: now })

    expect(prompt.map(({ type }) => type)).toEqual(['submit', 'assign', 'start', 'finish'])
    expect(session.map(({ type }) => type)).toEqual(['state'])
  })
})
