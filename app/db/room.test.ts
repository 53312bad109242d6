import { describe, expect, test } from 'vitest'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases, type TestStore } from '../testing/databases.ts'
import { storedSession } from '../testing/stored-session.ts'
import { endAttempt } from './attempts.ts'
import { claimNextPrompt } from './claims.ts'
import { submitPrompt } from './prompts.ts'
import { saveSession, setSessionSettings } from './sessions.ts'

/** Anna leads the first half of the workers; there is a prompt for each of them. */
async function openWorld(store: TestStore, names: string[]) {
  const { database } = store
  const other = await store.openAgain()
  const isLed = (name: string) => name.startsWith('a')
  await database.write(async (db) => {
    for (const name of names) {
      await saveSession(db, storedSession({ key: `pi/default/${name}`, node: 'pi', name }))
      await setSessionSettings(
        db,
        { node: 'pi', name },
        { tier: 'worker', manager: isLed(name) ? 'anna' : null },
        1,
      )
      await submitPrompt(db, { content: name }, 1)
    }
  })
  return {
    /** Asks for one session, in the name of one of two assigners. */
    ask: async (name: string, limits: { ofTier: number; ofManager: number }) => {
      const manager = isLed(name) ? 'anna' : null
      const room = { tier: 'worker', manager, ...limits } as const
      const session = claimingSession({ sessionKey: `pi/default/${name}`, sessionName: name, room })
      const isOther = name.length % 2 === 0
      const owner = isOther ? 'assigner-2' : 'assigner-1'
      return (isOther ? other : database).write((db) => claimNextPrompt(db, session, { ...lease, owner }, 2))
    },
  }
}

const names = Array.from({ length: 24 }, (_, n) => `${n < 12 ? 'a' : 'b'}${'x'.repeat(n)}`)

describe.each(databases)('on $name', ({ open }) => {
  test('two assigners that ask at the same time let no more of a tier work than may', async () => {
    await using store = await open()
    const { ask } = await openWorld(store, names)

    const claims = await Promise.all(names.map((name) => ask(name, { ofTier: 7, ofManager: 100 })))

    expect(claims.filter((claim) => claim !== null)).toHaveLength(7)
  })

  test('of the sessions of one manager no more work than may, and the next one when one of them is done', async () => {
    await using store = await open()
    const { ask } = await openWorld(store, names)
    const limits = { ofTier: 100, ofManager: 3 }

    const claims = await Promise.all(names.map((name) => ask(name, limits)))
    const given = names.filter((_, n) => claims[n] !== null)
    const waits = names.find((name) => !given.includes(name))!
    const before = await ask(waits, limits)
    const { attempt } = claims.find((claim) => claim?.attempt.sessionName.startsWith('a') === true)!
    await store.database.write((db) => endAttempt(db, attempt, 'completed', {}, 3))
    const after = await ask(waits, limits)

    expect(given.filter((name) => name.startsWith('a'))).toHaveLength(3)
    expect(given.filter((name) => name.startsWith('b'))).toHaveLength(12)
    expect(before).toBeNull()
    expect(after).not.toBeNull()
  })
})
