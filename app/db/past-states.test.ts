import { describe, expect, test } from 'vitest'
import type { PastState } from '../core/fleet.ts'
import { databases } from '../testing/databases.ts'
import { storedSession } from '../testing/stored-session.ts'
import { eventsOfSession } from './timeline.ts'
import { listSessions, notePastState, saveSession } from './sessions.ts'

const key = 'pi/default/%3'
const dev = storedSession({
  name: 'dev',
  key,
  node: 'pi',
  paneId: '%3',
  generation: 'g',
  since: 10,
  seenAt: 11,
})

describe.each(databases)('on $name', ({ open }) => {
  test('states of a cut stand in their order and at their times, also when they are told twice', async () => {
    await using store = await open()
    const { database } = store
    const told = [past('busy', 20), past('permission', 30), past('busy', 40), past('idle', 50)]
    await database.write((db) => saveSession(db, dev))

    for (let time = 0; time < 2; time += 1) {
      await database.write(async (db) => {
        for (const one of told) await notePastState(db, one)
      })
    }
    await database.write((db) => saveSession(db, { ...dev, since: 50, seenAt: 99 }))

    const events = await eventsOfSession(database.kysely, key, { from: 0, to: 100 })
    expect(events.map(({ at, data }) => [at, data['from'], data['state']])).toEqual([
      [11, null, 'idle'],
      [20, 'idle', 'busy'],
      [30, 'busy', 'permission'],
      [40, 'permission', 'busy'],
      [50, 'busy', 'idle'],
    ])
  })

  test('a session that came and went during a cut has a record, and is gone', async () => {
    await using store = await open()
    const { database } = store

    await database.write(async (db) => {
      for (const one of [past('idle', 20), past('busy', 30), past('gone', 40)]) await notePastState(db, one)
    })

    expect(await listSessions(database.kysely)).toEqual([])
    expect(await listSessions(database.kysely, { gone: true })).toMatchObject([
      { key, node: 'pi', server: 'default', paneId: '%3', name: 'dev', state: 'gone', since: 40 },
    ])
    const events = await eventsOfSession(database.kysely, key, { from: 0, to: 100 })
    expect(events.map(({ at, data }) => [at, data['state']])).toEqual([
      [20, 'idle'],
      [30, 'busy'],
      [40, 'gone'],
    ])
  })
})

function past(state: PastState['state'], at: number): PastState {
  return { key, at, generation: 'g', state, name: 'dev', agent: 'claude', rule: 'claude/x' }
}
