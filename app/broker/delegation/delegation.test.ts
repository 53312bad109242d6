import { describe, expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import type { NewPrompt, Prompt } from '../../core/prompt.ts'
import { endAttempt, liveAttempts, recordPhase } from '../../db/attempts.ts'
import { claimNextPrompt } from '../../db/claims.ts'
import type { Database } from '../../db/open.ts'
import { advancePrompt, clearPrompts, getPrompt, listPrompts, submitPrompt } from '../../db/prompts.ts'
import { saveSession, type StoredSession } from '../../db/sessions.ts'
import { claimingSession } from '../../testing/claiming.ts'
import { databases } from '../../testing/databases.ts'
import { cancel, submit } from '../commands.ts'
import { changeSession } from '../session-settings.ts'
import { afterTurn } from './after-turn.ts'
import { goneMs, sendDigests, settleMs } from './digest.ts'
import { digestChars } from './digest-text.ts'
import { escalate } from './escalate.ts'
import { accept, sendBack } from './review.ts'
import { promptTree } from './tree.ts'
import { waitFor } from './wait.ts'

const boss = { node: 'pi', name: 'boss' }
const later = settleMs + 1_000

describe.each(databases)('on $name', ({ open }) => {
  test('a prompt whose turn ends waits for its parts and goes on once with all that ended', async () => {
    await using store = await open()
    const { database } = store
    const whole = await begin(
      database,
      'boss',
      await send(database, { content: 'the shop', target: to('boss') }),
    )
    const one = await send(database, { content: 'the till', parent: whole.id, target: to('hand') })
    const two = await send(database, { content: 'the door', parent: whole.id, target: to('foot') })
    await end(database, 'boss', whole)
    const waiting = await getPrompt(database.kysely, whole.id)
    await end(database, 'hand', await begin(database, 'hand', one), 'a till')
    await end(database, 'foot', await begin(database, 'foot', two), 'a door')

    const done = await Promise.all([
      sendDigests(database, Date.now() + later),
      sendDigests(await store.openAgain(), Date.now() + later),
    ])
    const told = await getPrompt(database.kysely, whole.id)
    const again = await sendDigests(database, Date.now() + 10 * later)

    expect(waiting).toMatchObject({ state: 'pending', hold: 'children', target: { session: 'pi/boss' } })
    expect(waiting.waitingFor).toBe(`2 prompts that it delegated: ${one.id}, ${two.id}`)
    expect(done.flat()).toHaveLength(1)
    expect(told.hold).toBeNull()
    expect(told.nextText).toContain('a till')
    expect(told.nextText).toContain('a door')
    expect(again).toEqual([])
  })

  test('a digest that dies before it is stored is made again, once', async () => {
    await using store = await open()
    const { database } = store
    const id = await ended(database, { content: 'the till', from: boss, target: to('hand'), force: false })
    await session(database, 'boss', 'idle')
    const dying: Database = Object.assign(Object.create(database) as Database, {
      write: (work: Parameters<Database['write']>[0]) =>
        database.write(async (db) => {
          await work(db)
          throw new Error('the process died here')
        }),
    })

    await expect(sendDigests(dying, Date.now() + later)).rejects.toThrow('died')
    const kept = await getPrompt(database.kysely, id)
    await sendDigests(database, Date.now() + later)
    await sendDigests(database, Date.now() + 2 * later)

    expect(kept.report).toBe('due')
    expect(await digests(database)).toMatchObject([{ target: { session: 'pi/boss' }, kind: 'digest' }])
  })

  test('what ends while a session is busy is told in one digest when it is free', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'boss', 'busy')
    for (const content of ['one', 'two', 'three']) {
      await ended(database, { content, from: boss, target: to('hand') })
      await sendDigests(database, Date.now() + later)
    }
    const whileBusy = await digests(database)
    await session(database, 'boss', 'idle')

    await sendDigests(database, Date.now() + later)

    expect(whileBusy).toEqual([])
    const [digest, ...more] = await digests(database)
    expect(digest?.content).toContain('3 prompts that you delegated have ended.')
    expect(more).toEqual([])
  })

  test('a session that is gone gets its digest in the queue, and a person is asked to start it again', async () => {
    await using store = await open()
    const { database } = store
    await ended(database, { content: 'the till', from: boss, target: to('hand') })

    await sendDigests(database, Date.now() + later)

    const [digest] = await digests(database)
    expect(digest?.attention).toContain('pi/boss delegated what this tells of, and is gone.')
  })

  test('who waits for an end is told by that, and by no digest', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'boss', 'idle')
    const prompt = await send(database, { content: 'the till', from: boss, target: to('hand') })
    const waiting = waitFor(
      { database, clock: systemClock, by: boss },
      [prompt.id],
      'all',
      AbortSignal.timeout(20_000),
    )
    await end(database, 'hand', await begin(database, 'hand', prompt))

    const [got] = await waiting
    await sendDigests(database, Date.now() + 10 * later)

    expect(got).toMatchObject({ id: prompt.id, state: 'completed' })
    expect(await digests(database)).toEqual([])
  })

  test('who stops waiting hears by a digest after all', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'boss', 'idle')
    const prompt = await send(database, { content: 'the till', from: boss, target: to('hand') })
    const waiting = new AbortController()
    const waited = waitFor({ database, clock: systemClock, by: boss }, [prompt.id], 'one', waiting.signal)
    waiting.abort(new Error('hung up'))
    await expect(waited).rejects.toThrow('hung up')
    await end(database, 'hand', await begin(database, 'hand', prompt))

    await sendDigests(database, Date.now() + later)

    expect(await digests(database)).toHaveLength(1)
  })

  test('what is sent back goes on in its session with the comment alone', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'hand', 'idle')
    const id = await ended(database, { content: 'the till', target: to('hand') }, 'a box')
    const back = await sendBack(database, id, null, 'with a drawer', Date.now())

    const claim = await claim1(database, 'hand')

    expect(back).toMatchObject({ state: 'pending', review: 'sent_back', target: { session: 'pi/hand' } })
    expect(claim?.attempt).toMatchObject({ promptId: id, number: 2, text: 'with a drawer' })
  })

  test('what is sent back to a session that died is taken by another, with all that was said', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'hand', 'idle')
    const id = await ended(database, { content: 'build the till' }, 'a box')
    await sendBack(database, id, null, 'with a drawer', Date.now())
    await session(database, 'hand', 'gone')

    const early = await claim1(database, 'foot')
    await sendDigests(database, Date.now() + goneMs + 1_000)
    const claim = await claim1(database, 'foot')

    expect(early).toBeNull()
    expect(claim?.attempt.promptId).toBe(id)
    for (const part of ['build the till', 'a box', 'with a drawer'])
      expect(claim?.attempt.text).toContain(part)
  })

  test('something else in between makes the next attempt say what it is about', async () => {
    await using store = await open()
    const { database } = store
    await session(database, 'hand', 'idle')
    const id = await ended(database, { content: 'build the till', target: to('hand') })
    await ended(database, { content: 'something else', target: to('hand') })
    await sendBack(database, id, null, 'with a drawer', Date.now())

    const claim = await claim1(database, 'hand')

    expect(claim?.attempt.text).toContain('build the till')
  })

  test('a result is accepted once, by a person or by the session that delegated it', async () => {
    await using store = await open()
    const { database } = store
    const id = await ended(database, { content: 'the till', from: boss, target: to('hand') })

    await expect(accept(database, id, { node: 'pi', name: 'other' }, null, 1)).rejects.toMatchObject({
      code: 'forbidden',
      message: `Prompt ${id} is not for pi/other to review. pi/boss delegated it and decides.`,
    })
    const accepted = await accept(database, id, boss, 'good', Date.now())
    await expect(accept(database, id, null, null, 1)).rejects.toMatchObject({
      code: 'conflict',
      message: `Prompt ${id} was accepted already.`,
    })

    expect(accepted).toMatchObject({ review: 'accepted', reviewComment: 'good', report: 'due' })
    expect(await getPrompt(database.kysely, id)).toMatchObject({ report: 'told' })
  })

  test('a circle of three sessions is refused by name, and never claimed without one', async () => {
    await using store = await open()
    const { database } = store
    const a = await begin(database, 'a', await send(database, { content: 'a', target: to('a') }))
    const b = await begin(
      database,
      'b',
      await send(database, { content: 'b', parent: a.id, target: to('b') }),
    )
    const c = await begin(
      database,
      'c',
      await send(database, { content: 'c', parent: b.id, target: to('c') }),
    )

    const circle = send(database, { content: 'd', parent: c.id, target: to('a') })
    await expect(circle).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('a → b → c → a is a circle') as unknown,
    })
    const anyone = await send(database, { content: 'd', parent: c.id })

    expect(await claim1(database, 'a')).toBeNull()
    expect(await claim1(database, 'b')).toBeNull()
    expect(await claim1(database, 'd')).toMatchObject({ prompt: { id: anyone.id, depth: 3 } })
  })

  test('work is passed on five times at most, and only while the prompt above is open', async () => {
    await using store = await open()
    const { database } = store
    let last = await send(database, { content: 'first' })
    for (let depth = 1; depth <= 5; depth++) last = await send(database, { content: 'next', parent: last.id })

    await expect(send(database, { content: 'too deep', parent: last.id })).rejects.toThrow(
      `Prompt ${last.id} is passed on 5 times already, and 5 is the most (delegation.depth).`,
    )
    await cancel(database, last.id, Date.now())
    await expect(send(database, { content: 'too late', parent: last.id })).rejects.toThrow(
      `Prompt ${last.id} is cancelled: nothing can be added to it any more.`,
    )
  })

  test('a thousand parts: 50 open at once, one digest within its size, one tree, one cancel', async () => {
    await using store = await open()
    const { database } = store
    const whole = await begin(database, 'boss', await send(database, { content: 'all', target: to('boss') }))
    await database.write(async (db) => {
      const row = await db
        .selectFrom('prompts')
        .selectAll()
        .where('id', '=', whole.id)
        .executeTakeFirstOrThrow()
      const { id: _, sort_key: __, ...rest } = row
      for (let count = 0; count < 999; count++) {
        const part = { ...rest, parent_id: whole.id, depth: 1, content: `part ${count} ${'x'.repeat(500)}` }
        const state = count < 949 ? ('completed' as const) : ('pending' as const)
        const report = count < 949 ? ('due' as const) : ('wanted' as const)
        await db
          .insertInto('prompts')
          .values({ ...part, state, report, ended_at: count, session_key: null })
          .execute()
      }
    })

    await expect(send(database, { content: 'one too many', parent: whole.id })).rejects.toThrow(
      `Prompt ${whole.id} has 50 open parts, and that is the most (delegation.open_children).`,
    )
    await end(database, 'boss', whole)
    const { nextText } = await getPrompt(database.kysely, whole.id)
    const tree = await promptTree(database.kysely, whole.id)
    await cancel(database, whole.id, Date.now())
    const open1 = await listPrompts(database.kysely, { states: ['pending'], limit: 10 })

    expect(Array.from(nextText!).length).toBeLessThanOrEqual(digestChars)
    expect(nextText).toContain('100 prompts that you delegated have ended.')
    expect(tree.nodes).toHaveLength(1_000)
    expect(open1.items).toEqual([])
  })

  test('retention keeps what a living prompt delegated, and loses the link with a prompt that is cleared', async () => {
    await using store = await open()
    const { database } = store
    const whole = await begin(database, 'boss', await send(database, { content: 'all', target: to('boss') }))
    const part = await send(database, { content: 'part', parent: whole.id, target: to('hand') })
    await end(database, 'hand', await begin(database, 'hand', part))
    const cleared = await database.write((db) => clearPrompts(db, {}, Date.now()))
    await database.write((db) => advancePrompt(db, whole.id, 'fail', { reason: 'gone' }, 1_000))

    const clearedLater = await database.write((db) => clearPrompts(db, { olderThan: 2_000 }, Date.now()))

    expect(cleared).toBe(0)
    expect(clearedLater).toBe(1)
    expect(await getPrompt(database.kysely, part.id)).toMatchObject({ parent: null, depth: 1 })
    expect(await sendDigests(database, Date.now() + later)).toEqual([])
  })

  test('two managers that claim the same worker: one gets it, the other is told who has it', async () => {
    await using store = await open()
    const { database } = store
    const other = await store.openAgain()
    for (const name of ['boss', 'chief'])
      await changeSession(database, { node: 'pi', name }, { tier: 'manager' }, 1)
    const hand = { node: 'pi', name: 'hand' }

    const claims = await Promise.allSettled([
      changeSession(database, hand, { manager: 'boss' }, 2),
      changeSession(other, hand, { manager: 'chief' }, 2),
    ])

    const refusals = claims.filter((claim) => claim.status === 'rejected')
    expect(refusals).toHaveLength(1)
    expect(String(refusals[0]?.reason)).toMatch(/hand belongs to manager (boss|chief) already/)
  })

  test('who leads stands higher: no circle of managers comes about', async () => {
    await using store = await open()
    const { database } = store
    const change = (name: string, changes: Parameters<typeof changeSession>[2]) =>
      changeSession(database, { node: 'pi', name }, changes, 1)
    await change('boss', { tier: 'manager' })
    await change('hand', { manager: 'boss' })

    await expect(change('boss', { manager: 'hand' })).rejects.toThrow("hand is a worker and can't lead boss")
    await expect(change('boss', { tier: 'worker' })).rejects.toThrow(
      "boss leads hand, so it can't become a worker",
    )
    await expect(change('boss', { manager: 'boss' })).rejects.toThrow("boss can't lead itself")
  })

  test('a question about a prompt goes to the session that delegated it; a person is asked about the others', async () => {
    await using store = await open()
    const { database } = store
    const own = await begin(
      database,
      'hand',
      await send(database, { content: 'the till', from: boss, target: to('hand') }),
    )
    const anybodys = await begin(database, 'foot', await send(database, { content: 'the door' }))

    const asked = await escalate(database, own.id, 'Wood or steel?', Date.now())

    expect(asked.asked).toBe('session')
    const { items } = await listPrompts(database.kysely, { limit: 1 })
    expect(items[0]).toMatchObject({
      kind: 'question',
      target: { session: 'pi/boss' },
      from: { node: 'pi', name: 'hand' },
      report: null,
      content: `About prompt ${own.id}, which you delegated (the till), hand asks:\n\nWood or steel?`,
    })
    expect(await escalate(database, own.id, 'Wood or steel?', Date.now(), 'person')).toMatchObject({
      asked: 'person',
    })
    await session(database, 'foot', 'busy')
    expect(await escalate(database, anybodys.id, 'Why?', Date.now())).toMatchObject({ asked: 'person' })
  })

  test('a session delegates parts of its own prompt only, and never by force', async () => {
    await using store = await open()
    const { database } = store
    await changeSession(database, boss, { tier: 'manager' }, 1)
    await changeSession(database, { node: 'pi', name: 'hand' }, { manager: 'boss' }, 1)
    const others = await begin(database, 'x', await send(database, { content: 'x', target: to('x') }))
    const from = boss

    await expect(submit(database, { content: 'mine?', parent: others.id, from }, 1)).rejects.toThrow(
      `Prompt ${others.id} is with x, so pi/boss can't delegate a part of it.`,
    )
    await expect(submit(database, { content: 'y', target: to('x'), from, force: true }, 1)).rejects.toThrow(
      'only a person may send past the rules',
    )
    await expect(submit(database, { content: 'y', target: to('hand') }, 1)).rejects.toThrow(
      'hand belongs to manager boss; send it to boss, or use --force.',
    )
    const own = await submit(database, { content: 'y', kind: 'code', from }, 1)
    expect(own.prompt).toMatchObject({ target: { manager: 'pi/boss' }, from: boss, report: 'wanted' })
  })
})

function to(session: string) {
  return { session }
}

/** Past the rules, which have tests of their own. */
async function send(database: Database, input: NewPrompt): Promise<Prompt> {
  return (await database.write((db) => submitPrompt(db, input, Date.now()))).prompt
}

const names = ['boss', 'hand', 'foot', 'a', 'b', 'c', 'd', 'x']

function claiming(name: string) {
  return claimingSession({
    sessionKey: `pi/default/%${names.indexOf(name)}`,
    sessionName: name,
    names: [name],
  })
}

function claim1(database: Database, name: string) {
  const now = Date.now()
  return database.write((db) =>
    claimNextPrompt(db, claiming(name), { owner: 'test', until: now + 30_000 }, now),
  )
}

/** The session works on it. */
async function begin(database: Database, name: string, prompt: Prompt): Promise<Prompt> {
  const claim = await claim1(database, name)
  if (claim?.prompt.id !== prompt.id) throw new Error(`${name} did not get prompt ${prompt.id}`)
  return database.write(async (db) => {
    const now = Date.now()
    await recordPhase(db, claim.attempt, 'entered', { at: now })
    await recordPhase(db, claim.attempt, 'submitted', { at: now })
    return advancePrompt(db, prompt.id, 'start', { startedAt: now }, now)
  })
}

/** Its turn is completed, as an assigner records it. */
async function end(database: Database, name: string, prompt: Prompt, answer = 'done'): Promise<void> {
  const attempt = (await liveAttempts(database.kysely)).find(({ promptId }) => promptId === prompt.id)!
  if (name === 'boss') await session(database, 'boss', 'idle')
  await database.write(async (db) => {
    const ended1 = await endAttempt(db, attempt, 'completed', { answer }, Date.now())
    const [event, changes] = await afterTurn(db, { prompt, attempt: ended1 }, false, Date.now())
    await advancePrompt(db, prompt.id, event, changes, Date.now())
  })
}

async function ended(database: Database, input: NewPrompt, answer?: string): Promise<number> {
  const prompt = await send(database, input)
  await end(database, 'hand', await begin(database, 'hand', prompt), answer)
  return prompt.id
}

async function digests(database: Database): Promise<Prompt[]> {
  const { items } = await listPrompts(database.kysely, { limit: 100 })
  return items.filter(({ kind }) => kind === 'digest')
}

async function session(database: Database, name: string, state: 'idle' | 'busy' | 'gone') {
  const now = Date.now()
  const row: StoredSession = {
    key: `pi/default/%${names.indexOf(name)}`,
    node: 'pi',
    server: 'default',
    paneId: `%${names.indexOf(name)}`,
    name,
    address: `${name}:0.0`,
    agent: 'claude',
    version: '2.1.0',
    generation: '100-200/300-400',
    state,
    since: now,
    acceptsPrompt: state === 'idle',
    draft: false,
    trusted: true,
    limitedUntil: null,
    cwd: '/code/shop',
    title: '',
    rule: 'claude/idle',
    typedAt: null,
    promptId: null,
    seenAt: now,
  }
  await database.write((db) => saveSession(db, row))
}
