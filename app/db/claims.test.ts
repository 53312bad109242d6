import { describe, expect, test } from 'vitest'
import type { NewPrompt, Target } from '../core/prompt.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { endAttempt } from './attempts.ts'
import { claimNextPrompt, type ClaimingSession } from './claims.ts'
import type { Database } from './open.ts'
import { advancePrompt, submitPrompt } from './prompts.ts'

describe.each(databases)('on $name', ({ open }) => {
  const fitting: Target[] = [
    {},
    { session: 'web' },
    { session: 'web:0.0' },
    { session: '%7' },
    { session: 'pi/web' },
    { session: 'pi/%7' },
    { agent: 'claude' },
    { agent: 'anthropic' },
    { tier: 'worker' },
    { tag: 'ui' },
    { tag: 'it\'s "big"' },
    { dir: '/code/shop' },
    { dir: '/code/shop/' },
    { dir: '/code' },
    { dir: '/' },
    { node: 'pi' },
    { session: 'web', agent: 'claude', tier: 'worker', tag: 'ui', dir: '/code', node: 'pi' },
  ]
  const others: Target[] = [
    { session: 'we' },
    { session: 'other/web' },
    { agent: 'codex' },
    { tier: 'manager' },
    { tag: 'u' },
    { dir: '/code/shop/cart' },
    { dir: '/code/sho' },
    { node: 'pi2' },
    { session: 'web', agent: 'codex' },
    { dir: '/code', tag: 'backend' },
    { agent: 'claude', node: 'pi2' },
  ]

  test('a session gets the prompts whose every target field fits it, and no others', async () => {
    await using store = await open()
    const { database } = store
    for (const target of [...others, ...fitting]) await submit(database, { content: 'x', target })
    const session = claimingSession({ tags: ['ui', 'it\'s "big"'], provider: 'anthropic' })

    const claimed: Target[] = []
    for (let next = await claim(database, session); next; next = await claim(database, session)) {
      claimed.push(next.prompt.target)
    }

    expect(claimed).toEqual(fitting)
  })

  test('a session that is not for everybody takes only what is meant for it', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { content: 'for anyone' })
    await submit(database, { content: 'for web', target: { session: 'web' } })

    const claimed = await claim(database, claimingSession({ allowUntargeted: false }))

    expect(claimed?.prompt.content).toBe('for web')
    expect(await claim(database, claimingSession({ allowUntargeted: false }))).toBeNull()
  })

  test('prompts of all fitting targets come in one order: priority first, then age', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { content: '3', target: { tag: 'ui' } }, 2_000_000)
    await submit(database, { content: '4' }, 2_000_001)
    await submit(database, { content: '2', target: { session: 'web' } }, 1_000_000)
    await submit(database, { content: '1', target: { dir: '/code' }, priority: 10 }, 2_000_002)

    const order: string[] = []
    for (let next = await claim(database); next; next = await claim(database)) order.push(next.prompt.content)

    expect(order).toEqual(['1', '2', '3', '4'])
  })

  test('what has expired is passed over, although nothing has ended it yet', async () => {
    await using store = await open()
    const { database } = store
    await submit(database, { content: 'too late', priority: 10, expiresAt: 50 }, 1)
    await submit(database, { content: 'in time', expiresAt: 1_000 }, 1)

    const claimed = await database.write((db) => claimNextPrompt(db, claimingSession(), lease, 50))

    expect(claimed?.prompt.content).toBe('in time')
  })

  test('a claim starts an attempt with its lease and names the session', async () => {
    await using store = await open()
    const { database } = store
    const id = await submit(database, { content: 'x' })

    const claimed = await claim(database)

    expect(claimed?.prompt).toMatchObject({
      id,
      state: 'assigned',
      sessionKey: 'pi/default/%7',
      sessionName: 'web',
      attempts: 1,
    })
    expect(claimed?.attempt).toMatchObject({
      promptId: id,
      number: 1,
      phase: 'claimed',
      outcome: null,
      generation: '100-200/300-400',
      leaseOwner: 'assigner-1',
      leaseEpoch: 1,
      leaseUntil: 30_000,
      evidence: [],
    })
    expect(claimed?.attempt.token).toMatch(/^[0-9a-f]{18}$/)
  })

  test('eight claimers at once get each prompt exactly once and leave none', async () => {
    await using store = await open()
    const { database } = store
    const connections = [database, await store.openAgain()]
    const ids = new Set<number>()
    for (let i = 0; i < 60; i += 1) ids.add(await submit(database, { content: `${i}` }))

    const claimer = async (index: number) => {
      const session = claimingSession({ sessionKey: `pi/default/%${index}` })
      const claimed: number[] = []
      for (let misses = 0; misses < 3;) {
        const next = await claim(connections[index % 2]!, session)
        if (next) claimed.push(next.prompt.id)
        else misses += 1
      }
      return claimed
    }
    const claimed = (await Promise.all(Array.from({ length: 8 }, (_, index) => claimer(index)))).flat()

    expect(claimed.toSorted((a, b) => a - b)).toEqual([...ids])
  })

  test('a prompt whose attempt was not ended is not given out again, and stops nobody behind it', async () => {
    await using store = await open()
    const { database } = store
    const id = await submit(database, { content: 'left' })
    await submit(database, { content: 'next' })
    const { attempt } = (await claim(database))!

    await database.write((db) => advancePrompt(db, id, 'release', {}, 3))
    const next = await claim(database)
    const none = await claim(database)
    await database.write((db) => endAttempt(db, attempt, 'released', {}, 4))
    const again = await claim(database)

    expect(next?.prompt.content).toBe('next')
    expect(none).toBeNull()
    expect(again?.attempt).toMatchObject({ promptId: id, number: 2 })
  })
})

async function submit(database: Database, input: NewPrompt, now = 1000): Promise<number> {
  return (await database.write((db) => submitPrompt(db, input, now))).prompt.id
}

function claim(database: Database, session: ClaimingSession = claimingSession()) {
  return database.write((db) => claimNextPrompt(db, session, lease, 2))
}
