import { describe, expect, test } from 'vitest'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { attemptsOf, endAttempt } from './attempts.ts'
import { claimNextPrompt } from './claims.ts'
import { appendEvent, eventsAfter } from './events.ts'
import { advancePrompt, listPrompts, submitPrompt } from './prompts.ts'
import { defaultRetention } from '../core/limits.ts'
import { applyRetention } from './retention.ts'
import { setRetention } from './settings.ts'
import { settle } from './settle.ts'
import { whatRetentionFrees } from './what-retention-frees.ts'

const dayMs = 86_400_000

describe.each(databases)('on $name', ({ open }) => {
  test('old events, evidence and ended prompts go; what lives stays', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => submitPrompt(db, { content: 'old', target: { tag: 'ui' } }, 1))
    const { attempt, prompt } = (await database.write((db) =>
      claimNextPrompt(db, claimingSession(), lease, 1),
    ))!
    await database.write((db) =>
      settle(
        db,
        {
          attempt: {
            ...attempt,
            outcome: 'completed',
            fields: { answer: 'yes', evidence: [{ source: 'screen', at: 1, says: 'idle' }] },
          },
          prompt: { id: prompt.id, event: 'finish', changes: {} },
        },
        1,
      ),
    )
    await database.write((db) => submitPrompt(db, { content: 'waits' }, 2))

    await applyRetention(database, defaultRetention.evidenceDays * dayMs + 2)
    const trimmed = await attemptsOf(database.kysely, prompt.id)
    await applyRetention(database, defaultRetention.promptDays * dayMs + 2)

    expect(trimmed).toMatchObject([{ answer: 'yes', evidence: [] }])
    const { items } = await listPrompts(database.kysely, { limit: 10 })
    expect(items.map(({ content }) => content)).toEqual(['waits'])
    expect(await attemptsOf(database.kysely, prompt.id)).toEqual([])
    expect((await eventsAfter(database.kysely, 0, { limit: 10 })).map(({ type }) => type)).toEqual(['clear'])
    const targets = await database.kysely.selectFrom('targets').select('route').execute()
    expect(targets).toEqual([{ route: 'any' }])
  })

  test('what is young is not touched, however often it runs', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => submitPrompt(db, { content: 'x' }, dayMs))
    const claimed = await database.write((db) => claimNextPrompt(db, claimingSession(), lease, dayMs))
    await database.write((db) => endAttempt(db, claimed!.attempt, 'released', {}, dayMs))

    const counts = [await applyRetention(database, 2 * dayMs), await applyRetention(database, 3 * dayMs)]

    expect(counts).toEqual([0, 0])
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toHaveLength(3)
  })

  test('a long log is trimmed in steps, to its end', async () => {
    await using store = await open()
    const { database } = store
    const event = { at: 1, noun: 'queue' as const, nounId: '', type: 'x', data: {} }
    await database.write(async (db) => {
      for (let i = 0; i < 1_200; i += 1) appendEvent(db, event)
      appendEvent(db, { ...event, at: 40 * dayMs })
    })

    const count = await applyRetention(database, 41 * dayMs)

    expect(count).toBe(1_200)
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toMatchObject([{ at: 40 * dayMs }])
  })
  test('what people settled counts, and what it would free is told before', async () => {
    await using store = await open()
    const { database } = store
    const { prompt } = await database.write((db) => submitPrompt(db, { content: 'x'.repeat(500) }, 1))
    await database.write((db) => advancePrompt(db, prompt.id, 'cancel', { endedAt: 1 }, 1))
    const shorter = { eventDays: 1, evidenceDays: 1, promptDays: 1 }

    const promised = await whatRetentionFrees(database.kysely, shorter, 3 * dayMs)
    const untouched = await applyRetention(database, 3 * dayMs)
    await database.write((db) => setRetention(db, shorter, 3 * dayMs))
    await applyRetention(database, 3 * dayMs)

    expect(promised).toMatchObject({ events: { rows: 2 }, prompts: { rows: 1 }, evidence: { rows: 0 } })
    expect(promised.prompts.bytes).toBeGreaterThanOrEqual(500)
    expect(untouched).toBe(0)
    expect((await listPrompts(database.kysely, { limit: 10 })).items).toEqual([])
  })
})
