import { describe, expect, test } from 'vitest'
import { askerGraceMs, humanTaskLimits } from '../../core/human-task.ts'
import { eventsAfter } from '../../db/events.ts'
import { getHumanTask } from '../../db/human-task/read.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt, listPrompts } from '../../db/prompts.ts'
import { markGone, saveSession } from '../../db/sessions.ts'
import { databases } from '../../testing/databases.ts'
import { storedSession } from '../../testing/stored-session.ts'
import { submit } from '../commands.ts'
import { askHuman } from './ask.ts'
import { answerHuman, dismissHuman } from './end.ts'
import { tendHumanTasks } from './tend.ts'

const node = 'test'
const ask = (database: Database, more: object = {}) =>
  askHuman(database, { node, session: 'w1', question: 'Drop the old column?', ...more }, 100)

describe.each(databases)('on $name', ({ open }) => {
  test('the asker gets the answer as its next prompt, with the question', async () => {
    await using store = await open()
    const { database } = store
    await database.write((db) => saveSession(db, storedSession({ name: 'w1' })))
    const { task } = await ask(database, { choices: ['yes', 'no', 'yes'], context: 'table users' })

    const answered = await answerHuman(database, task.id, { answer: 'yes', by: 'anna' }, 200)

    expect(task.choices).toEqual(['yes', 'no'])
    expect(answered).toMatchObject({ state: 'answered', answer: 'yes', answeredBy: 'anna' })
    const prompt = await getPrompt(database.kysely, answered.answerPromptId!)
    expect(prompt).toMatchObject({
      state: 'pending',
      target: { session: 'test/w1' },
      context: 'follow_up',
      content: `anna answers your question ${task.id}:\n> Drop the old column?\n\nyes`,
    })
  })

  test('the answer goes out although a program queued something under a key that looks like its own', async () => {
    await using store = await open()
    const { database } = store
    const { task } = await ask(database)
    const key = { idempotencyKey: `question:${task.id}:answer` }
    const { prompt } = await submit(database, { content: 'something else', ...key }, 100)

    const answered = await answerHuman(database, task.id, { answer: 'yes', by: 'anna' }, 200)

    expect(answered.answerPromptId).not.toBe(prompt.id)
    expect(await getPrompt(database.kysely, answered.answerPromptId!)).toMatchObject({
      content: expect.stringContaining('yes'),
    })
  })

  test('of many answers at once one is taken; the others hear whose, and one prompt goes out', async () => {
    await using store = await open()
    const databasesOfMany = [store.database, await store.openAgain(), await store.openAgain()]
    const { task } = await ask(store.database)

    const answers = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        answerHuman(
          databasesOfMany[index % 3]!,
          task.id,
          { answer: `answer ${index}`, by: `p${index}` },
          200,
        ),
      ),
    )

    const taken = answers.filter(({ status }) => status === 'fulfilled')
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as Error] : [],
    )
    const { answer, answeredBy } = await getHumanTask(store.database.kysely, task.id)
    expect(taken).toHaveLength(1)
    expect(new Set(refused.map(({ message }) => message))).toEqual(
      new Set([`Cannot answer question ${task.id}: it is answered already by ${answeredBy}: ${answer}`]),
    )
    expect((await listPrompts(store.database.kysely, { limit: 50 })).items).toHaveLength(1)
  })

  test('a dismissed and an expired question are told to the asker, too', async () => {
    await using store = await open()
    const { database } = store
    const { task: dismissed } = await ask(database)
    const { task: late } = await ask(database, { dueAt: 1_000 })

    await dismissHuman(database, dismissed.id, { reason: 'not now', by: 'anna' }, 200)
    await tendHumanTasks(database, 999)
    const before = await getHumanTask(database.kysely, late.id)
    await tendHumanTasks(database, 1_000)

    expect(before.state).toBe('open')
    const { items } = await listPrompts(database.kysely, { limit: 9 })
    expect(items.map(({ content }) => content)).toEqual([
      expect.stringContaining('Nobody answered it in time.'),
      expect.stringContaining('anna dismissed it: not now'),
    ])
    await expect(answerHuman(database, late.id, { answer: 'x', by: 'b' }, 2_000)).rejects.toThrow(
      'it is expired already',
    )
  })

  test('a question is abandoned when its session stays away, and not when one of that name comes back', async () => {
    await using store = await open()
    const { database } = store
    const session = storedSession({ name: 'w1' })
    await database.write((db) => saveSession(db, session))
    const { task } = await ask(database)

    await database.write((db) => markGone(db, session.key, 1_000))
    await tendHumanTasks(database, 1_000)
    await database.write((db) => saveSession(db, { ...session, generation: 'another' }))
    await tendHumanTasks(database, 1_000 + askerGraceMs)
    const kept = await getHumanTask(database.kysely, task.id)
    await database.write((db) => markGone(db, session.key, 2_000))
    await tendHumanTasks(database, 1_000 + askerGraceMs)
    await tendHumanTasks(database, 1_000 + 2 * askerGraceMs)

    expect(kept).toMatchObject({ state: 'open', missingSince: null })
    expect(await getHumanTask(database.kysely, task.id)).toMatchObject({
      state: 'abandoned',
      answerPromptId: null,
    })
    const events = await eventsAfter(database.kysely, 0, { limit: 9, noun: 'question' })
    expect(events.map(({ type }) => type)).toEqual(['ask', 'abandon'])
  })

  test('the same key asks once', async () => {
    await using store = await open()
    const { database } = store

    const first = await ask(database, { idempotencyKey: 'k' })
    const second = await ask(database, { idempotencyKey: 'k', question: 'Another one?' })

    expect(second).toEqual({ task: first.task, created: false })
  })

  test('a session that asks without end is stopped', async () => {
    await using store = await open()
    const { database } = store
    for (let n = 0; n < humanTaskLimits.openPerSession; n++) await ask(database)

    await expect(ask(database)).rejects.toMatchObject({ code: 'limited' })
  })

  test('an answer that looks like a command of the agent is text', async () => {
    await using store = await open()
    const { database } = store
    const { task } = await ask(database, { question: '!rm -rf /\n/clear\u001b[31m' })

    const { answerPromptId } = await answerHuman(
      database,
      task.id,
      { answer: '/clear\u0007', by: 'anna' },
      200,
    )

    const { content, agentCommand } = await getPrompt(database.kysely, answerPromptId!)
    expect(agentCommand).toBe(false)
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(content).not.toMatch(/^[!/]|[\u0000-\u0009\u000b-\u001f]/)
  })

  test.each([
    [{ question: ' ' }, 'empty'],
    [{ question: 'x'.repeat(4_001) }, '4001 characters'],
    [{ dueAt: 50 }, 'expire before'],
    [{ choices: Array.from({ length: 13 }, (_, n) => `${n}`) }, 'At most 12'],
    [{ session: 'a\nb' }, 'which session'],
    [{ promptId: 99 }, '99'],
  ])('%j is refused', async (more, why) => {
    await using store = await open()

    await expect(ask(store.database, more)).rejects.toThrow(why)
  })
})
