import { describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import { eventsAfter } from '../../db/events.ts'
import { getInteraction } from '../../db/interaction/read.ts'
import { ada, dyingHost, turnUntil, worldTools } from '../../testing/asking-world.ts'
import { databases } from '../../testing/databases.ts'
import { lead, openWishes, permission, question } from '../../testing/wishing-world.ts'
import { answerInteraction } from './answer.ts'
import { wishAnswer } from './session-wish.ts'
import { fateOfWish, takeBackWish } from './wish-fate.ts'

const boss = { node: 'fake', name: 'boss' }
const never = new AbortController().signal

const laterClock = (byMs: number) => ({
  ...systemClock,
  now: () => Date.now() + byMs,
  sleep: systemClock.sleep.bind(systemClock),
})

describe.each(databases)('on $name', ({ open }) => {
  test('what a manager answers is given to its worker once, in its name', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { desk, turn } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 2 }, lead)
    const fate = fateOfWish(tools, id, wish, never)
    await turnUntil(turn, async () => (await getInteraction(database.kysely, id)).state === 'answered', 'it')
    await desk.finish()

    expect(await fate).toEqual({ is: 'given' })
    expect([world.pane.approvals, world.pane.denials]).toEqual([0, 1])
    expect(await getInteraction(database.kysely, id)).toMatchObject({
      state: 'answered',
      decidedBy: { kind: 'session', node: 'fake', name: 'lead' },
      answer: { option: 1 },
    })
    const events = await eventsAfter(database.kysely, 0, { noun: 'interaction', limit: 50 })
    expect(events.find(({ type }) => type === 'decide')?.actor).toMatchObject({
      kind: 'session',
      name: 'lead',
    })
  })

  test('a high-level session answers a worker of its manager, and a permission where the file lets it', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store, 'answer: {high_level: [permission]}')
    const { desk, turn } = world.openDesk()
    const { id } = await world.asked(turn, permission)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { say: 'approve' }, boss)
    await turnUntil(turn, async () => world.pane.approvals === 1, 'the yes')
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toEqual({ is: 'given' })
  })

  test('an answer to a dialog that another one has replaced presses nothing, and says so', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { desk, turn } = world.openDesk()
    const { id } = await world.asked(turn, permission)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { say: 'approve' }, lead)
    world.pane.asked = 'rm -rf /'
    await turnUntil(turn, async () => (await world.all()).length === 2, 'the other dialog')
    await turn()
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({
      is: 'refused',
      because: expect.stringMatching(/asks something else/),
    })
    expect(world.pane.received).toBe('')
  })

  test('an answer that is being given when the dialog changes is refused with the reason', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { desk, turn } = world.openDesk()
    const { id } = await world.asked(turn, permission)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { say: 'approve' }, lead)
    world.host.afterLook = () => (world.pane.asked = 'rm -rf /')
    await turnUntil(turn, async () => (await getInteraction(database.kysely, id)).state !== 'open', 'it')
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({ is: 'refused' })
    expect(world.pane.approvals).toBe(0)
  })

  test.each(['a session', 'a person'])(
    'what %s answers to a question whose options stand in another order by now presses nothing',
    async (who) => {
      await using store = await open()
      const { database } = store
      const world = await openWishes(store)
      const { desk, turn } = world.openDesk()
      const { id } = await world.asked(turn, question)
      const tools = { database, clock: systemClock }

      if (who === 'a session') await wishAnswer(tools, id, { option: 1 }, lead)
      world.pane.choices = ['No', 'Yes']
      const person = worldTools(world.host, store)
      const late = who === 'a person' ? [answerInteraction(person, id, { option: 1 }, ada, 'p')] : []
      const [given] = await Promise.allSettled(late)
      await turnUntil(turn, async () => (await world.all()).length === 2, 'the other question')
      await desk.finish()

      expect(given?.status).not.toBe('fulfilled')
      expect(world.pane.received).toBe('')
      expect(await getInteraction(database.kysely, id)).toMatchObject({ state: 'stale' })
    },
  )

  test('a person in the dashboard is faster, and what the session wanted is over for good', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 2 }, lead)
    await answerInteraction(worldTools(world.host, store), id, { option: 1 }, ada, 'p')
    for (let turns = 0; turns < 5; turns += 1) await turn()
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toEqual({ is: 'refused', because: 'ada was faster' })
    expect([world.pane.approvals, world.pane.denials]).toEqual([1, 0])
  })

  test('a person whose answer could not be given is not followed by the session that wanted another one', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 2 }, lead)
    await database.write((db) =>
      advanceInteraction(db, id, 'decide', { decidedBy: { kind: 'person', name: 'ada' } }, Date.now()),
    )
    await database.write((db) => advanceInteraction(db, id, 'withdraw', { reason: 'no luck' }, Date.now()))
    for (let turns = 0; turns < 5; turns += 1) await turn()
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toEqual({ is: 'refused', because: 'no luck' })
    expect(world.pane.received).toBe('')
  })

  test('who types in the pane goes first; a minute later nothing of it is given any more', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id, sessionKey } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }
    world.take(sessionKey)

    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    for (let turns = 0; turns < 5; turns += 1) await turn()
    const during = world.pane.received
    const late = world.openDesk({ clock: laterClock(61_000) })
    await late.turn()
    world.take('')
    for (let turns = 0; turns < 3; turns += 1) await late.turn()
    await late.desk.finish()
    await desk.finish()

    expect([during, world.pane.received]).toEqual(['', ''])
    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({
      is: 'refused',
      because: expect.stringMatching(/not given within 60 s/),
    })
    expect(await getInteraction(database.kysely, id)).toMatchObject({ state: 'open' })
  })

  test('an assigner that starts too late gives nothing, and one that starts in time does', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const old = await wishAnswer({ database, clock: laterClock(-61_000) }, id, { option: 2 }, boss)
    const next = world.openDesk()
    await turnUntil(
      next.turn,
      async () => (await getInteraction(database.kysely, id)).wish?.refused != null,
      'end',
    )
    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    const last = world.openDesk()
    await turnUntil(last.turn, async () => world.pane.approvals === 1, 'the answer')
    await last.desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toEqual({ is: 'given' })
    expect(world.pane.denials).toBe(0)
    expect(await fateOfWish(tools, id, old, never)).toMatchObject({ is: 'refused' })
  })

  test('of two sessions that answer at once one is refused, and the dialog gets one key', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const said = await Promise.allSettled([
      wishAnswer(tools, id, { option: 1 }, lead),
      wishAnswer(tools, id, { option: 1 }, boss),
    ])
    await turnUntil(turn, async () => (await getInteraction(database.kysely, id)).state === 'answered', 'it')
    await desk.finish()

    expect(said.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(said.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'conflict' } })
    expect([world.pane.approvals, world.pane.denials]).toEqual([1, 0])
  })

  test('a session may change its mind; the first answer is then over', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const first = await wishAnswer(tools, id, { option: 1 }, lead)
    await wishAnswer(tools, id, { option: 2 }, lead)
    const fate = await fateOfWish(tools, id, first, never)
    await turnUntil(turn, async () => world.pane.denials === 1, 'the second')
    await desk.finish()

    expect(fate).toEqual({ is: 'refused', because: 'lead has said something else since' })
    expect(world.pane.approvals).toBe(0)
  })

  test('who loses its place, or the right, before the answer is given answers nothing', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    await world.settle('dev', { manager: null })
    for (let turns = 0; turns < 3; turns += 1) await turn()
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({
      is: 'refused',
      because: expect.stringMatching(/do not lead dev/),
    })
    expect(world.pane.received).toBe('')
  })

  test('who loses its place while its answer is being given presses nothing', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    world.pane.inMode = true
    await turnUntil(turn, async () => (await getInteraction(database.kysely, id)).state === 'answering', 'it')
    await world.settle('dev', { manager: null })
    world.pane.inMode = false
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({
      is: 'refused',
      because: expect.stringMatching(/do not lead dev/),
    })
    expect(world.pane.received).toBe('')
  })

  test('a session that has another name by now is answered by who leads that name', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }
    await world.settle('other', { tier: 'worker', manager: 'somebody' })

    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    Object.assign(world.pane, { sessionName: 'other' })
    for (let turns = 0; turns < 3; turns += 1) await turn()
    await desk.finish()

    expect(await fateOfWish(tools, id, wish, never)).toMatchObject({
      is: 'refused',
      because: expect.stringMatching(/do not lead other/),
    })
    expect(world.pane.received).toBe('')
  })

  test('a rule that comes in between stands above the session', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn } = world.openDesk()
    const { id } = await world.asked(turn, permission)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { say: 'approve' }, lead)
    const by = { kind: 'pattern', id: 2, version: 1 } as const
    const denying = world.openDesk({ decide: () => ({ effect: 'deny', by, also: [], reason: 'no' }) })
    await turnUntil(denying.turn, async () => world.pane.denials === 1, 'the no')
    await denying.desk.finish()

    expect(world.pane.approvals).toBe(0)
    expect(await fateOfWish(tools, id, wish, never)).toEqual({ is: 'refused', because: 'a rule was faster' })
  })

  test('an assigner that dies at any step of it has given it once at most, and what became of it is told', async () => {
    const outcomes = new Set<string>()
    for (const death of Array.from({ length: 8 }, (_, n) => ({ call: n >> 1, after: n % 2 === 1 }))) {
      await using store = await open()
      const { database } = store
      const world = await openWishes(store)
      const { turn } = world.openDesk()
      const { id } = await world.asked(turn, permission)
      const tools = { database, clock: systemClock }
      const wish = await wishAnswer(tools, id, { say: 'approve' }, lead)
      const dying = dyingHost(world.host, () => death)
      const first = world.openDesk({ host: dying.host })
      const isOver = async () => dying.dead.size > 0 || world.pane.approvals > 0
      await turnUntil(first.turn, isOver, 'a death')
      const wasGiven = world.pane.approvals

      const next = world.openDesk({ clock: laterClock(30_000), owner: 'next' })
      const isSettled = async () =>
        !['waiting', 'giving'].includes((await takeBackWish(tools, id, wish, 'over')).is)
      await turnUntil(next.turn, isSettled, `the end of ${JSON.stringify(death)}`)
      await next.desk.finish()

      const fate = await fateOfWish(tools, id, wish, never)
      expect(world.pane.approvals).toBe(wasGiven)
      expect(fate.is).toBe(wasGiven === 1 ? 'given' : 'refused')
      outcomes.add(fate.is)
    }
    expect(outcomes).toEqual(new Set(['given', 'refused']))
  })

  test('who hangs up takes back what nobody has begun to give', async () => {
    await using store = await open()
    const { database } = store
    const world = await openWishes(store)
    const { turn, desk } = world.openDesk()
    const { id } = await world.asked(turn, question)
    const tools = { database, clock: systemClock }

    const wish = await wishAnswer(tools, id, { option: 1 }, lead)
    const fate = await takeBackWish(tools, id, wish, 'lead has gone on')
    for (let turns = 0; turns < 3; turns += 1) await turn()
    await desk.finish()

    expect(fate).toEqual({ is: 'refused', because: 'lead has gone on' })
    expect(world.pane.received).toBe('')
  })
})
