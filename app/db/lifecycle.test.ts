import { describe, expect, test } from 'vitest'
import { isAppError } from '../core/errors.ts'
import { promptEvents, promptStates, type PromptEvent, type PromptState } from '../core/prompt.ts'
import { databases } from '../testing/databases.ts'
import { eventsAfter } from './events.ts'
import type { Database } from './open.ts'
import { advancePrompt, getPrompt, submitPrompt } from './prompts.ts'

const events = Object.keys(promptEvents) as PromptEvent[]

/** Some way into each state. */
const waysInto: Record<PromptState, PromptEvent[]> = {
  staged: [],
  pending: ['approve'],
  assigned: ['approve', 'assign'],
  in_progress: ['approve', 'assign', 'start'],
  restarting: ['approve', 'assign', 'start', 'suspend'],
  completed: ['approve', 'assign', 'finish'],
  failed: ['approve', 'assign', 'fail'],
  cancelled: ['reject'],
}

describe.each(databases)('on $name', ({ open }) => {
  test.each(promptStates)(
    'a prompt that is %s allows exactly the events of the lifecycle table',
    async (state) => {
      await using store = await open()
      const { database } = store

      for (const event of events) {
        const id = await promptIn(database, state)
        const allowed = (promptEvents[event].from as readonly PromptState[]).includes(state)
        const logged = await eventsOf(database, id)

        const outcome = await database
          .write((db) => advancePrompt(db, id, event, {}, 99))
          .catch((error: unknown) => error)

        const prompt = await getPrompt(database.kysely, id)
        const news = (await eventsOf(database, id)).slice(logged.length)
        expect.soft(isAppError(outcome, 'conflict'), `${event} from ${state}`).toBe(!allowed)
        expect.soft(prompt.state, `${event} from ${state}`).toBe(allowed ? promptEvents[event].to : state)
        expect.soft(news, `${event} from ${state}`).toEqual(allowed ? [event] : [])
      }
    },
  )

  test('an end clears what only a living prompt has, and a retry clears the end', async () => {
    await using store = await open()
    const { database } = store
    const id = await promptIn(database, 'in_progress')

    await database.write((db) => advancePrompt(db, id, 'doubt', { attention: 'Did it arrive?' }, 10))
    const failed = await database.write((db) => advancePrompt(db, id, 'fail', { reason: 'crash' }, 11))
    const retried = await database.write((db) =>
      advancePrompt(db, id, 'retry', { retryCount: 1, hold: 'backoff', wakeAt: 20 }, 12),
    )

    expect(failed).toMatchObject({ state: 'failed', reason: 'crash', endedAt: 11, attention: null })
    expect(retried).toMatchObject({
      state: 'pending',
      reason: null,
      endedAt: null,
      startedAt: null,
      enqueuedAt: 12,
      retryCount: 1,
      hold: 'backoff',
      wakeAt: 20,
    })
  })

  test('a prompt that is reassigned while it waits keeps its place and its hold', async () => {
    await using store = await open()
    const { database } = store
    const { prompt } = await database.write((db) => submitPrompt(db, { content: 'x', notBefore: 50 }, 1))

    const moved = await database.write((db) =>
      advancePrompt(db, prompt.id, 'reassign', { target: { session: 'other' } }, 9),
    )

    expect(moved).toMatchObject({
      enqueuedAt: 1,
      hold: 'not_before',
      wakeAt: 50,
      target: { session: 'other' },
    })
  })
})

async function promptIn(database: Database, state: PromptState): Promise<number> {
  const { prompt } = await database.write((db) => submitPrompt(db, { content: 'x', staged: true }, 1))
  for (const event of waysInto[state])
    await database.write((db) => advancePrompt(db, prompt.id, event, {}, 2))
  return prompt.id
}

async function eventsOf(database: Database, id: number): Promise<string[]> {
  const found = await eventsAfter(database.kysely, 0, { limit: 100, noun: 'prompt', nounId: String(id) })
  return found.map(({ type }) => type)
}
