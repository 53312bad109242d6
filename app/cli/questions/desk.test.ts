import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { submit } from '../../broker/commands.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { questionDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe.each(bothSides(questionDesks, () => dashboard, ['read', 'prompts']))('at $name', ({ open }) => {
  const question = { session: 'dev', context: 'It is live.', choices: ['eu', 'us'], dueAt: null }

  test('a question is asked, listed, answered once, and then over', async () => {
    const desk = await open()

    const asked = await desk.ask({ ...question, question: 'Which region?' })
    const { tasks } = await desk.list({ onlyOpen: true })
    const answered = await desk.answer(asked.id, 'eu')

    expect(asked).toMatchObject({ state: 'open', session: 'dev', choices: ['eu', 'us'], dueAt: null })
    expect(tasks).toContainEqual(asked)
    expect(answered).toMatchObject({ state: 'answered', answer: 'eu', answerPromptId: expect.any(Number) })
    await expect(desk.answer(asked.id, 'us')).rejects.toMatchObject({ code: 'conflict' })
    expect(await desk.show(asked.id)).toEqual(answered)
    expect((await desk.list({ onlyOpen: true })).tasks).not.toContainEqual(answered)
    expect((await desk.list({ onlyOpen: false })).tasks).toContainEqual(answered)
  })

  test('one is dismissed with a reason, another is not there, an empty one is refused', async () => {
    const desk = await open()
    const dueAt = Date.now() + 60_000
    const asked = await desk.ask({ ...question, question: 'Drop it?', choices: [], context: null, dueAt })

    expect(asked).toMatchObject({ dueAt, context: null })
    expect(await desk.dismiss(asked.id, 'not now')).toMatchObject({ state: 'dismissed' })
    await expect(desk.show(999_999)).rejects.toMatchObject({ code: 'not_found' })
    await expect(desk.ask({ ...question, question: ' ' })).rejects.toMatchObject({
      code: 'invalid',
      message: 'The question is empty.',
    })
  })

  test('prompts that wait for a decision are listed with them', async () => {
    const desk = await open()
    const { database, clock } = dashboard.web
    const { prompt } = await submit(database, { content: 'Move it' }, clock.now())
    const attention = 'Nobody knows whether it arrived.'
    await database.write(async (db) => {
      await db.updateTable('prompts').set({ attention }).where('id', '=', prompt.id).execute()
    })

    expect((await desk.list({ onlyOpen: true })).blocked[0]).toEqual({
      promptId: prompt.id,
      state: 'pending',
      attention,
      beginning: 'Move it',
      session: null,
    })
  })
})
