import { describe, expect, test } from 'vitest'
import { databases } from '../testing/databases.ts'
import { claimNextPrompt } from './claims.ts'
import { eventsAfter } from './events.ts'
import { advancePrompt, getPrompt, promptCounts, submitPrompt } from './prompts.ts'
import { sessionRoutes } from './targets.ts'

const session = {
  sessionKey: 'pi/default/%7',
  sessionName: 'web',
  agent: 'claude',
  generation: '1-2',
  routes: sessionRoutes('pi', ['web', 'web:0.0', '%7']),
  node: 'pi',
  tier: 'worker',
  tags: ['ui'],
  dir: '/code/shop',
  allowUntargeted: true,
}
const lease = { owner: 'a', until: 10_000 }

describe.each(databases)('on $name', ({ open }) => {
  test('a submitted prompt is stored as it was handed in, with its event', async () => {
    await using store = await open()
    const { database } = store

    const { prompt, created } = await database.write((db) =>
      submitPrompt(
        db,
        { content: 'Fix it', priority: 7, target: { tag: 'ui' }, metadata: { by: 'me' } },
        1000,
      ),
    )

    expect(created).toBe(true)
    expect(await getPrompt(database.kysely, prompt.id)).toEqual(prompt)
    expect(prompt).toMatchObject({
      state: 'pending',
      priority: 7,
      target: { tag: 'ui' },
      metadata: { by: 'me' },
      version: 1,
    })
    expect(await eventsAfter(database.kysely, 0, { limit: 10 })).toMatchObject([
      { noun: 'prompt', nounId: String(prompt.id), type: 'submit', at: 1000 },
    ])
  })

  test('a full cycle leaves prompt and events in order', async () => {
    await using store = await open()
    const { database } = store
    const { prompt } = await database.write((db) => submitPrompt(db, { content: 'Fix it' }, 1000))

    const claim = await database.write((db) => claimNextPrompt(db, session, lease, 1001))
    await database.write((db) => advancePrompt(db, prompt.id, 'start', {}, 1002))
    const done = await database.write((db) => advancePrompt(db, prompt.id, 'finish', {}, 1003))

    expect(claim).toMatchObject({
      prompt: { id: prompt.id, state: 'assigned', attempts: 1 },
      attempt: { number: 1, phase: 'claimed' },
    })
    expect(done).toMatchObject({ state: 'completed', startedAt: 1002, endedAt: 1003, sessionName: 'web' })
    const types = (await eventsAfter(database.kysely, 0, { limit: 10 })).map(({ type }) => type)
    expect(types).toEqual(['submit', 'assign', 'start', 'finish'])
    expect(await promptCounts(database.kysely)).toMatchObject({ completed: 1, pending: 0 })
  })
})
