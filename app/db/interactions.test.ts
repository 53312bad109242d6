import { describe, expect, test } from 'vitest'
import type { Decision } from '../core/pattern.ts'
import { askedByWeb } from '../testing/asked.ts'
import { databases } from '../testing/databases.ts'
import { eventsAfter } from './events.ts'
import { advanceInteraction, noteDecision } from './interaction/advance.ts'
import { addDialog, openInteraction } from './interaction/open.ts'
import { getInteraction, listInteractions, liveInteractions } from './interaction/read.ts'
import { advancePattern, createPattern, editPattern } from './pattern/change.ts'
import { listPatterns, livePatterns, versionsOf } from './pattern/read.ts'
import { applyRetention } from './retention.ts'

const now = Date.UTC(2026, 10, 21, 12)
const dayMs = 86_400_000

const ask = askedByWeb()
const decidedBy = { kind: 'pattern', id: 7, version: 2 } as const
const answer = { meaning: 'allow_once', option: 0, text: null } as const

describe.each(databases)('on $name', ({ open }) => {
  test('an interaction is asked, decided and answered once, and the log says by which rule and version', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await database.write((db) => openInteraction(db, ask, now))
    const decide = () =>
      database
        .by({ kind: 'rule', name: 'pattern 7', address: null })
        .write((db) => advanceInteraction(db, id, 'decide', { decidedBy, answer, token: 't' }, now + 5))

    const [first, second] = await Promise.allSettled([decide(), decide()])
    const answered = await database.write((db) => advanceInteraction(db, id, 'confirm', {}, now + 9))

    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({
      status: 'rejected',
      reason: { code: 'conflict', message: expect.stringContaining('is being answered by pattern 7') },
    })
    expect(answered).toMatchObject({
      state: 'answered',
      decidedBy,
      answer,
      decidedAt: now + 5,
      endedAt: now + 9,
    })
    const events = await eventsAfter(database.kysely, 0, { noun: 'interaction', limit: 9 })
    expect(events.map(({ type }) => type)).toEqual(['ask', 'decide', 'confirm'])
    expect(events[1]).toMatchObject({
      actor: { kind: 'rule', name: 'pattern 7' },
      data: { by: decidedBy, input_digest: answered.inputDigest, screen_digest: 'd1' },
    })
  })

  test('what a rule says of one that waits is kept, and one that is taken back is as if nobody had decided', async () => {
    await using store = await open()
    const { database } = store
    const { id } = await database.write((db) => openInteraction(db, ask, now))
    const decision: Decision = {
      effect: 'ask',
      by: { kind: 'policy', tier: 'manager' },
      also: [],
      reason: 'x',
    }
    await database.write((db) => noteDecision(db, id, decision, now))
    const waits = await getInteraction(database.kysely, id)

    await database.write((db) => advanceInteraction(db, id, 'decide', { decidedBy, answer, token: 't' }, now))
    await database.write((db) =>
      advanceInteraction(db, id, 'withdraw', { reason: 'the key never came' }, now),
    )

    expect(waits).toMatchObject({ state: 'open', decision })
    expect(await getInteraction(database.kysely, id)).toMatchObject({
      state: 'open',
      decision: null,
      decidedBy: null,
      answer: null,
      token: null,
      endedAt: null,
    })
  })

  test('the same call is stored once, and gets its dialog when that is drawn', async () => {
    await using store = await open()
    const { database } = store
    const { question, options, selected, screen, screenDigest } = ask
    const told = { ...ask, callId: 'c1', screen: null, screenDigest: null, options: [], selected: null }

    const first = await database.write((db) => openInteraction(db, told, now))
    const again = await database.write((db) => openInteraction(db, told, now + 1))
    await database.write((db) =>
      addDialog(db, first.id, 'drawn', { question, options, selected, screen, screenDigest }, now),
    )

    expect(again.id).toBe(first.id)
    expect(await liveInteractions(database.kysely, 'n')).toMatchObject([
      { id: first.id, options, screenDigest: 'd1' },
    ])
    expect(await liveInteractions(database.kysely, 'another')).toEqual([])
  })

  test('a rule is a draft until its very version is enabled; each version is kept', async () => {
    await using store = await open()
    const { database } = store
    const rule = { name: 'tests', effect: 'allow', conditions: { commands: ['npm test'] } } as const
    const origin = { createdBy: 'ada', madeFrom: null }
    const newRule = { ...rule, conditions: { commands: ['npm test'] } }
    const { id } = await database.write((db) => createPattern(db, newRule, origin, now))
    const wider = { ...newRule, conditions: { commands: ['npm test ...'] } }

    await database.write((db) => editPattern(db, id, wider, 'bob', now + 1))
    const early = database.write((db) => advancePattern(db, id, 'enable', now + 2, 1))
    await expect(early).rejects.toThrow(/has changed meanwhile \(it is version 2 now\)/)
    const drafts = await livePatterns(database.kysely)
    await database.write((db) => advancePattern(db, id, 'enable', now + 2, 2))
    const live = await livePatterns(database.kysely)
    await database.write((db) => advancePattern(db, id, 'delete', now + 3))

    expect(drafts).toEqual([])
    expect(live).toMatchObject([{ id, version: 2, conditions: { commands: ['npm test ...'] } }])
    expect(await listPatterns(database.kysely)).toEqual([])
    expect(await versionsOf(database.kysely, id)).toMatchObject([
      { version: 2, createdBy: 'bob' },
      { version: 1, createdBy: 'ada' },
    ])
  })

  test('retention forgets first what the screen showed, then the interaction; never one that is open', async () => {
    await using store = await open()
    const { database } = store
    const old = await database.write((db) => openInteraction(db, ask, now))
    const waiting = await database.write((db) => openInteraction(db, ask, now))
    await database.write((db) => advanceInteraction(db, old.id, 'leave', { reason: 'by hand' }, now))

    await applyRetention(database, now + 20 * dayMs)
    const screens = (await listInteractions(database.kysely, { limit: 9 })).map(({ screen }) => screen)
    await applyRetention(database, now + 200 * dayMs)

    expect(screens).toEqual(['npm test', null])
    expect((await listInteractions(database.kysely, { limit: 9 })).map(({ id }) => id)).toEqual([waiting.id])
  })
})
