import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAppError } from '../core/errors.ts'
import { promptEvents, type Prompt, type PromptEvent, type Target } from '../core/prompt.ts'
import { sortKey } from '../core/queue.ts'
import { claimingSession, lease } from '../testing/claiming.ts'
import { databases } from '../testing/databases.ts'
import { attemptsOf, endAttempt, lastAttempt, liveAttempts } from './attempts.ts'
import { claimNextPrompt } from './claims.ts'
import { eventsAfter } from './events.ts'
import type { Database } from './open.ts'
import { advancePrompt, listPrompts, submitPrompt, wakeHeldPrompts } from './prompts.ts'

/** Something that a person or an assigner does; `which` chooses among the prompts that are there. */
type Command =
  | { do: 'submit'; priority: number; target: Target; notBefore: boolean; staged: boolean }
  | { do: 'claim'; session: number }
  | { do: 'advance'; which: number; event: PromptEvent }
  | { do: 'end'; which: number; event: 'finish' | 'fail' | 'release' | 'interrupt' }
  | { do: 'wake' }
  | { do: 'pass'; ms: number }

const sessions = [
  claimingSession({ sessionKey: 'pi/default/%1', sessionName: 'web', names: ['web'] }),
  claimingSession({
    sessionKey: 'pi/default/%2',
    sessionName: 'api',
    names: ['api'],
    agent: 'codex',
    tags: [],
  }),
  claimingSession({ sessionKey: 'pi/default/%3', sessionName: 'db', names: ['db'], allowUntargeted: false }),
]

const targets: Target[] = [
  {},
  { session: 'web' },
  { agent: 'codex' },
  { tag: 'ui' },
  { dir: '/code', agent: 'claude' },
]

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      priority: fc.integer({ min: 0, max: 10 }),
      target: fc.constantFrom(...targets),
      notBefore: fc.boolean(),
      staged: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), session: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(),
      event: fc.constantFrom('finish', 'fail', 'release', 'interrupt'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      which: fc.nat(),
      event: fc.constantFrom<PromptEvent>(
        'approve',
        'reject',
        'start',
        'cancel',
        'retry',
        'reassign',
        'doubt',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(2_000_000) }) },
)

describe.each(databases)('on $name', ({ name, open }) => {
  test('whatever happens, none is lost, the first fitting one is claimed, and claims and attempts agree', async () => {
    const property = fc.asyncProperty(
      fc.array(command, { minLength: 5, maxLength: 40 }),
      async (commands) => {
        await using store = await open()
        const model = { now: 1_000_000, submitted: 0 }

        for (const each of commands) {
          await perform(store.database, model, each)
          await checkInvariants(store.database, model.submitted)
        }
      },
    )

    await expect(fc.assert(property, { numRuns: name === 'sqlite' ? 25 : 6 })).resolves.toBeUndefined()
  }, 120_000)
})

async function perform(database: Database, model: { now: number; submitted: number }, each: Command) {
  const { now } = model
  const prompts = await allPrompts(database)
  if (each.do === 'pass') model.now += each.ms
  if (each.do === 'wake') await checkWake(database, prompts, now)
  if (each.do === 'claim') await checkClaim(database, prompts, each.session, now)
  if (each.do === 'submit') {
    const { priority, target, staged, notBefore } = each
    const input = { content: 'x', priority, target, staged, ...(notBefore && { notBefore: now + 500_000 }) }
    await database.write((db) => submitPrompt(db, input, now))
    model.submitted += 1
  }
  if (prompts.length === 0) return
  if (each.do === 'advance')
    await checkAdvance(database, prompts[each.which % prompts.length]!, each.event, now)
  if (each.do === 'end') await endOne(database, prompts[each.which % prompts.length]!, each.event, now)
}

async function checkClaim(database: Database, prompts: Prompt[], index: number, now: number) {
  const session = sessions[index]!
  const waiting = prompts.filter(
    ({ state, hold, target }) => state === 'pending' && !hold && fits(target, index),
  )
  const first = waiting.toSorted((a, b) => orderOf(a) - orderOf(b) || a.id - b.id).at(0)

  const claimed = await database.write((db) => claimNextPrompt(db, session, lease, now))

  expect(claimed?.prompt.id).toBe(first?.id)
}

/** Which of the sessions above a target means, said in another way than the code under test says it. */
function fits(target: Target, index: number): boolean {
  const { session, agent, tag } = target
  const anyone = Object.keys(target).length === 0
  return (
    (!session || index === 0) &&
    (!agent || (agent === 'codex') === (index === 1)) &&
    (!tag || index !== 1) &&
    (!anyone || index !== 2)
  )
}

function orderOf({ enqueuedAt, priority }: Prompt): number {
  return sortKey(enqueuedAt, priority)
}

async function checkAdvance(database: Database, prompt: Prompt, event: PromptEvent, now: number) {
  const allowed = (promptEvents[event].from as readonly string[]).includes(prompt.state)

  const outcome = await database
    .write((db) => advancePrompt(db, prompt.id, event, {}, now))
    .catch((error: unknown) => error)

  expect(isAppError(outcome, 'conflict')).toBe(!allowed)
}

async function endOne(database: Database, prompt: Prompt, event: PromptEvent, now: number) {
  const attempt = await lastAttempt(database.kysely, prompt.id)
  if (!(promptEvents[event].from as readonly string[]).includes(prompt.state) || !attempt) return
  await database.write(async (db) => {
    await endAttempt(db, attempt, event === 'finish' ? 'completed' : 'released', {}, now)
    await advancePrompt(db, prompt.id, event, {}, now)
  })
}

async function checkWake(database: Database, prompts: Prompt[], now: number) {
  const due = prompts.filter(({ state, hold, wakeAt }) => state === 'pending' && hold && wakeAt! <= now)

  const { woken } = await database.write((db) => wakeHeldPrompts(db, now))

  expect(woken).toEqual(due.map(({ id }) => id).toSorted((a, b) => a - b))
}

async function checkInvariants(database: Database, submitted: number) {
  const prompts = await allPrompts(database)
  const live = (await liveAttempts(database.kysely)).map(({ promptId }) => promptId)
  const running = prompts.filter(({ state }) => state === 'assigned' || state === 'in_progress')

  expect(prompts).toHaveLength(submitted)
  expect(live.toSorted((a, b) => a - b)).toEqual(running.map(({ id }) => id).toSorted((a, b) => a - b))
  for (const prompt of prompts) {
    const attempts = await attemptsOf(database.kysely, prompt.id)
    const events = await eventsAfter(database.kysely, 0, {
      limit: 1000,
      noun: 'prompt',
      nounId: String(prompt.id),
    })
    expect(attempts.map(({ number }) => number)).toEqual(attempts.map((_, i) => i + 1))
    expect(attempts).toHaveLength(prompt.attempts)
    expect(events.findLast(({ data }) => 'state' in data)?.data['state']).toBe(prompt.state)
  }
}

async function allPrompts(database: Database): Promise<Prompt[]> {
  return (await listPrompts(database.kysely, { limit: 1000 })).items
}
