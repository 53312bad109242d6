import { describe, expect, test } from 'vitest'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { claimNextPrompt } from './claims.ts'
import { submitPrompt } from './prompts.ts'
import { waitingTargets } from './waiting-targets.ts'

describe.each(databases)('on $name', ({ open }) => {
  test('every target is told for which prompts wait, the most selective field first, and how many', async () => {
    await using store = await open()
    await store.database.write(async (db) => {
      for (const content of ['a', 'b', 'c']) await submitPrompt(db, { content }, 1)
      await submitPrompt(db, { content: 'd', target: { agent: 'claude', session: 'web' } }, 1)
    })

    const waiting = await waitingTargets(store.database.kysely, 2, 1)

    expect(waiting).toEqual([
      { routes: ['any'], count: 2 },
      { routes: ['session:web', 'agent:claude'], count: 1 },
    ])
  })

  test('what somebody has, and what has expired, is not waited for', async () => {
    await using store = await open()
    await store.database.write(async (db) => {
      await submitPrompt(db, { content: 'taken' }, 1)
      await submitPrompt(db, { content: 'late', target: { tag: 'ui' }, expiresAt: 50 }, 1)
      await claimNextPrompt(db, claimingSession(), lease, 2)
    })

    expect(await waitingTargets(store.database.kysely, 9, 60)).toEqual([])
  })
})
