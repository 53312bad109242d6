import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { answer, whenAsked, whenIdle, whenOpen } from './asking.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'
import { askingArgs } from './situations.ts'

describe('a real codex in plan mode', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('codex', { args: askingArgs.codex })
    await sayHeard(broker.agent, broker.stub, 'hello first')
    await broker.agent.pane.waitFor(/ECHO sha/, 90_000)
    await whenIdle(broker)
    await waitFor(() => toPlanMode(broker), 'plan mode', 60_000)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('gets an option as the answer to one question, and words to the next', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask both]]')

    const first = await whenOpen(broker, /Which database/)
    const database = await answer(broker, first.id, { option: 2 })
    const second = await whenOpen(broker, /Which language/)
    const language = await answer(broker, second.id, { text: '3. Zig, or what you know best' })
    await pane.waitFor(/ECHO sha/)

    expect(first.options.map(({ label }) => label)).toEqual([
      'SQLite (One file)',
      'Postgres (Server)',
      'None of the above (Optionally, add details in notes (tab))',
    ])
    expect([database.state, language.state]).toEqual(['answered', 'answered'])
    expect(await pane.text()).toMatch(/answer: Postgres[\s\S]*3\. Zig, or what you know best/)
  })

  test('takes an option although somebody left words half written', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask]]')
    const { id } = await whenOpen(broker, /Which database/)
    await pane.press('Tab')
    await pane.type('half a thou')
    await pane.waitFor(/› half a thou/)

    const done = await answer(broker, id, { option: 1 })
    await pane.waitFor(/answer: SQLite[\s\S]*ECHO sha/)

    expect(done.state).toBe('answered')
    expect(await pane.text()).not.toContain('half a thou')
  })

  test('is sent back to planning, and told to begin', async () => {
    const { pane } = broker.agent
    const propose = (words: string) => `[[say <proposed_plan>\\n# ${words}\\n</proposed_plan>]]`
    await sayHeard(broker.agent, broker.stub, propose('First'))
    const first = await whenOpen(broker, /Implement this plan/)

    const back = await answer(broker, first.id, { say: 'deny' })
    await sayHeard(broker.agent, broker.stub, propose('Second'))
    const second = await whenAsked(
      broker,
      ({ id, state, options }) => id > first.id && state === 'open' && options.length > 0,
      'the second plan',
    )
    const begun = await answer(broker, second.id, { option: 1 })
    await pane.waitFor(/› Implement the plan/)

    expect(first).toMatchObject({ kind: 'plan', unsure: null })
    expect([back.answer?.option, begun.answer?.option]).toEqual([2, 0])
    expect([back.state, begun.state]).toEqual(['answered', 'answered'])
  })
})

/** Keys are lost while a turn ends; null: it did not change its mode. */
async function toPlanMode({ agent: { pane } }: RealBroker): Promise<true | null> {
  await pane.press('BTab')
  await sleep(2_000)
  return /Plan mode/.test(await pane.text()) ? true : null
}
