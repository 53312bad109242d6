import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { NewPattern } from '../../core/pattern.ts'
import { advancePattern, createPattern } from '../../db/pattern/change.ts'
import { waitFor } from '../wait-for.ts'
import { answer, whenAsked, whenOpen } from './asking.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'
import { sayHeard } from './say-heard.ts'
import { askingArgs } from './situations.ts'

describe('a real claude in manual mode', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('claude', { args: askingArgs.claude })
  })
  afterAll(() => broker[Symbol.asyncDispose]())
  // What a failed test left open would swallow the next one's prompt.
  beforeEach(async () => {
    const { pane } = broker.agent
    if (/Enter to select/.test(await pane.text())) await pane.press('Escape')
  })

  test('runs a command that a pattern allows, and not the one that another denies', async () => {
    const { dir, pane } = broker.agent
    const say = (text: string) => sayHeard(broker.agent, broker.stub, text)
    const [good, evil] = [join(dir, 'good'), join(dir, 'evil')]
    await enable(broker, { name: 'good', effect: 'allow', conditions: { commands: [`touch ${good}`] } })
    await enable(broker, { name: 'evil', effect: 'deny', conditions: { commands: [`touch ${evil}`] } })

    await say(`please [[bash touch ${good}]]`)
    const allowed = await whenAsked(broker, ({ state }) => state === 'answered', 'the yes')
    await waitFor(async () => existsSync(good), 'what was allowed', 20_000)
    await pane.waitFor(/ECHO sha/)
    await say(`please [[bash touch ${evil}]]`)
    const denied = await whenAsked(
      broker,
      ({ id, state }) => id !== allowed.id && state === 'answered',
      'the no',
    )

    expect(allowed).toMatchObject({
      input: { command: `touch ${good}` },
      decidedBy: { kind: 'pattern', version: 1 },
      answer: { meaning: 'allow_once' },
    })
    expect(denied).toMatchObject({ answer: { meaning: 'deny' }, decidedBy: { kind: 'pattern' } })
    expect(existsSync(evil)).toBe(false)
  })

  test('gets an answer to each of several questions, on its tab, and is told to take them', async () => {
    const { pane } = broker.agent
    const asks = (words: RegExp) => whenOpen(broker, words)
    await sayHeard(broker.agent, broker.stub, 'please [[ask both]]')

    const database = await answer(broker, (await asks(/^Which database/)).id, { option: 2 })
    const language = await answer(broker, (await asks(/^Which language/)).id, { option: 1 })
    const review = await answer(broker, (await asks(/^Review your answers/)).id, { option: 1 })
    await pane.waitFor(/Which language should we use\? → Go/)

    expect([database.state, language.state, review.state]).toEqual(['answered', 'answered', 'answered'])
    expect(await pane.text()).toMatch(/Which database should we use\? → Postgres/)
  })

  test('gets words of a person as the answer to its question', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask]]')
    const { id, options } = await whenOpen(broker, /Which database/)

    const done = await answer(broker, id, { text: 'the staging database' })
    await pane.waitFor(/Which database should we use\? → the staging database/)

    expect(options.map(({ label }) => label)).toContain('SQLite (One file)')
    expect(done.state).toBe('answered')
  })

  test('gets several boxes ticked as its answer, and one that somebody had ticked unticked', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask boxes]]')
    const { id, options } = await whenOpen(broker, /^Which tools/)
    // Claude loses a key that comes in the moment after it drew its question.
    await waitFor(async () => {
      await pane.press('2')
      return pane.waitFor(/\[✔\] Tests/, 5_000).then(
        () => true,
        () => null,
      )
    }, 'a tick')

    const ticked = await answer(broker, id, { option: [1, 3] })
    const review = await answer(broker, (await whenOpen(broker, /^Review your answers/)).id, { option: 1 })
    await pane.waitFor(/Which tools should we use\? → Lint, Bench/)

    expect(options.map(({ label, ticked: box }) => [label, box])).toEqual([
      ['Lint (Reads the code)', false],
      ['Tests (Run the code)', false],
      ['Bench (Time the code)', false],
      ['Type something', false],
      ['Chat about this', undefined],
    ])
    expect([ticked.state, review.state]).toEqual(['answered', 'answered'])
  })

  test('gets an option, boxes and words to two questions on their tabs', async () => {
    const { pane } = broker.agent
    await sayHeard(broker.agent, broker.stub, 'please [[ask mixed]]')

    await answer(broker, (await whenOpen(broker, /^Which database/)).id, { option: 2 })
    const tools = await whenOpen(broker, /^Which tools/)
    const ticked = await answer(broker, tools.id, { option: 2, text: 'a profiler' })
    await answer(broker, (await whenOpen(broker, /^Review your answers/)).id, { option: 1 })
    await pane.waitFor(/Which tools should we use\? → Tests, a profiler/)

    expect(ticked).toMatchObject({ state: 'answered', answer: { boxes: [1, 3], text: 'a profiler' } })
    expect(await pane.text()).toMatch(/Which database should we use\? → Postgres/)
  })
})

async function enable({ database }: RealBroker, rule: NewPattern) {
  await database.write(async (db) => {
    const { id } = await createPattern(db, rule, { createdBy: 'ada', madeFrom: null }, Date.now())
    await advancePattern(db, id, 'enable', Date.now())
  })
  await database.bus.notify('sessions')
}
