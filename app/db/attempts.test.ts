import { describe, expect, test } from 'vitest'
import type { Evidence } from '../core/session.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import {
  attemptsOf,
  endAttempt,
  lastAttempt,
  liveAttempts,
  noteAttempt,
  recordPhase,
  renewLeases,
  takeOverAttempts,
} from './attempts.ts'
import { claimNextPrompt } from './claims.ts'
import { eventsAfter } from './events.ts'
import type { Database } from './open.ts'
import { advancePrompt, getPrompt, submitPrompt } from './prompts.ts'
import { settle } from './settle.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('an attempt keeps times and evidence of each phase, and how it ended', async () => {
    await using store = await open()
    const { database } = store
    const { attempt } = await claimOne(database)

    await database.write((db) => recordPhase(db, attempt, 'typed', { at: 11, evidence: [says('pasted')] }))
    await database.write((db) => recordPhase(db, attempt, 'entered', { at: 12 }))
    await database.write((db) =>
      recordPhase(db, attempt, 'submitted', {
        at: 13,
        evidence: [says('"busy", at last'), says('and a title')],
      }),
    )
    await database.write((db) =>
      noteAttempt(db, attempt, { pausedMs: 70, gitBefore: { head: 'abc', status: '' } }),
    )
    const ended = await database.write((db) =>
      endAttempt(
        db,
        attempt,
        'completed',
        {
          answer: 'Done.',
          answerSource: 'transcript',
          tokensIn: 5,
          tokensOut: 7,
          costUsd: 0.25,
          conversation: 'c1',
          changes: { commits: ['abc'], files: ['a.ts'], addedLines: 1, removedLines: 2 },
          evidence: [says('idle')],
        },
        14,
      ),
    )

    expect(ended).toMatchObject({
      phase: 'submitted',
      outcome: 'completed',
      typedAt: 11,
      enteredAt: 12,
      submittedAt: 13,
      endedAt: 14,
      pausedMs: 70,
      answer: 'Done.',
      costUsd: 0.25,
      gitBefore: { head: 'abc', status: '' },
      changes: { commits: ['abc'], addedLines: 1 },
    })
    expect(ended.evidence.map((each) => each.says)).toEqual([
      'pasted',
      '"busy", at last',
      'and a title',
      'idle',
    ])
    expect(await lastAttempt(database.kysely, ended.promptId)).toEqual(ended)
    const types = (await eventsAfter(database.kysely, 0, { limit: 20, noun: 'attempt' })).map(
      ({ type }) => type,
    )
    expect(types).toEqual(['typed', 'entered', 'submitted', 'completed'])
  })

  test('evidence without end does not fill the disk', async () => {
    await using store = await open()
    const { database } = store
    const { attempt } = await claimOne(database)
    const evidence = Array.from({ length: 100 }, () => says('x'.repeat(300)))

    for (let i = 0; i < 5; i += 1) await database.write((db) => noteAttempt(db, attempt, { evidence }))

    const { evidence: kept } = (await lastAttempt(database.kysely, attempt.promptId))!
    expect(kept.length).toBeGreaterThanOrEqual(100)
    expect(kept.length).toBeLessThanOrEqual(300)
  })

  test('an attempt ends once', async () => {
    await using store = await open()
    const { database } = store
    const { attempt } = await claimOne(database)

    await database.write((db) => endAttempt(db, attempt, 'released', { reason: 'busy' }, 2))

    for (const again of [
      database.write((db) => endAttempt(db, attempt, 'completed', {}, 3)),
      database.write((db) => recordPhase(db, attempt, 'typed', { at: 3 })),
    ]) {
      await expect(again).rejects.toMatchObject({
        code: 'conflict',
        message: `Attempt ${attempt.id} is over: released.`,
      })
    }
    expect(await liveAttempts(database.kysely)).toEqual([])
  })

  test('only attempts whose lease ended are taken over, and their former owner can change nothing', async () => {
    await using store = await open()
    const { database } = store
    const [dead, alive] = [await claimOne(database, 'dead'), await claimOne(database, 'alive')]

    const renewed = await database.write((db) => renewLeases(db, 'alive', 90_000))
    const early = await database.write((db) => takeOverAttempts(db, 'new', 29_999, 95_000))
    const taken = await database.write((db) => takeOverAttempts(db, 'new', 30_000, 95_000))

    expect(renewed).toBe(1)
    expect(early).toEqual([])
    expect(taken).toMatchObject([
      { id: dead.attempt.id, leaseOwner: 'new', leaseEpoch: 2, leaseUntil: 95_000 },
    ])
    expect((await liveAttempts(database.kysely, 'alive')).map(({ id }) => id)).toEqual([alive.attempt.id])
    await expect(
      database.write((db) => recordPhase(db, dead.attempt, 'typed', { at: 30_001 })),
    ).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('belongs to new now') })
    await database.write((db) => recordPhase(db, taken[0]!, 'typed', { at: 30_002 }))
  })

  test('two owners that take over at once share the attempts between them', async () => {
    await using store = await open()
    const { database } = store
    const another = await store.openAgain()
    const ids = []
    for (let i = 0; i < 10; i += 1) ids.push((await claimOne(database, 'dead')).attempt.id)

    const taken = await Promise.all([
      database.write((db) => takeOverAttempts(db, 'a', 50_000, 90_000)),
      another.write((db) => takeOverAttempts(db, 'b', 50_000, 90_000)),
    ])

    expect(
      taken
        .flat()
        .map(({ id }) => id)
        .toSorted((a, b) => a - b),
    ).toEqual(ids)
  })

  test('attempt and prompt settle together or not at all', async () => {
    await using store = await open()
    const { database } = store
    const { attempt, prompt } = await claimOne(database)
    await database.write((db) => advancePrompt(db, prompt.id, 'interrupt', {}, 5))
    const settlement = {
      attempt: { ...attempt, outcome: 'completed' as const, fields: {} },
      prompt: { id: prompt.id, event: 'finish' as const, changes: {} },
    }

    await expect(database.write((db) => settle(db, settlement, 6))).rejects.toMatchObject({
      code: 'conflict',
    })

    expect(await attemptsOf(database.kysely, prompt.id)).toMatchObject([{ outcome: null }])
    expect(await getPrompt(database.kysely, prompt.id)).toMatchObject({ state: 'cancelled' })
  })
})

async function claimOne(database: Database, owner = lease.owner) {
  await database.write((db) => submitPrompt(db, { content: 'x' }, 1))
  const claimed = await database.write((db) => claimNextPrompt(db, claimingSession(), { ...lease, owner }, 2))
  return claimed!
}

function says(text: string): Evidence {
  return { source: 'screen', at: 1, says: text }
}
