import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openInteraction, type NewInteraction } from '../../db/interaction/open.ts'
import { askedByWeb } from '../../testing/asked.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { interactionDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
  await dashboard.server.open({ name: 'other', command: ['sleep', '600'] })
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const sides = bothSides(interactionDesks, () => dashboard, ['read', 'sessions'])

describe.each(sides)('at $name', ({ name, open }) => {
  test('what a session asks is listed and shown, and refused as stale when its dialog is gone', async () => {
    const desk = await open()
    const { id } = await ask(name)

    const listed = await desk.list({ onlyOpen: true, session: name })
    const shown = await desk.show(id)
    const late = desk.answer(id, { say: 'approve' })

    expect(listed).toEqual([shown])
    expect(shown).toMatchObject({ id, state: 'open', session: name, input: { command: 'npm test' } })
    expect(shown).not.toHaveProperty('token')
    await expect(late).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/the agent that asked is gone/),
    })
    expect(await desk.list({ onlyOpen: true, session: name })).toEqual([])
    expect(await desk.list({ onlyOpen: false, session: name })).toMatchObject([{ id, state: 'gone' }])
  })

  test('an answer that is not offered is refused in the same words', async () => {
    const desk = await open()
    const { id } = await ask(name)

    await expect(desk.answer(id, { option: 7 })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/no option 7; there are 1 \(Yes\)/),
    })
    await expect(desk.answer(id, { option: [1, 2] })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/takes one option; choose one of 1 \(Yes\), 2 \(No\)/),
    })
    await expect(desk.answer(id, { text: 'x' })).rejects.toMatchObject({
      message: expect.stringMatching(/takes no words of your own/),
    })
    await expect(desk.show(999_999)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('several boxes and words are one answer, refused as stale when their question is gone', async () => {
    const desk = await open()
    const { id } = await ask(name, boxes)

    const shown = await desk.show(id)
    const lone = desk.answer(id, { option: [1, 4] })
    await expect(lone).rejects.toMatchObject({ message: expect.stringMatching(/Option 4 has no box/) })
    const own = desk.answer(id, { option: [1, 3] })
    await expect(own).rejects.toMatchObject({ message: expect.stringMatching(/for words of your own/) })
    const late = desk.answer(id, { option: [1, 2], text: 'and more' })
    await expect(late).rejects.toMatchObject({
      message: expect.stringMatching(/the agent that asked is gone/),
    })

    expect(shown.options.map(({ ticked }) => ticked)).toEqual([true, false, false, null])
    expect(await desk.show(id)).toMatchObject({
      state: 'gone',
      answer: { boxes: [0, 1, 2], text: 'and more', option: null },
    })
  })
})

const boxes: Partial<NewInteraction> = {
  kind: 'question',
  options: [
    { keys: ['1'], label: 'Lint', meaning: 'answer', ticked: true },
    { keys: ['2'], label: 'Tests', meaning: 'answer', ticked: false },
    { keys: ['3'], label: 'Type something', meaning: 'answer', ticked: false },
    { keys: ['4'], label: 'Chat about this', meaning: 'answer' },
  ],
}

function ask(sessionName: string, changes: Partial<NewInteraction> = {}) {
  const { web, server } = dashboard
  const { node } = web.host
  const row = askedByWeb({ ...changes, node, sessionName, sessionKey: `${node}/${server.socket.label}/%99` })
  return web.database.write((db) => openInteraction(db, row, web.clock.now()))
}
