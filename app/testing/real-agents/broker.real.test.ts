import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sameArrivedText } from '../../agents/transcript/arrived.ts'
import { interrupt } from '../../broker/commands.ts'
import { waitFor } from '../wait-for.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

const long =
  'one line of a text that is long: "quotes" $HOME `x` ; #{pane_id} ünï 漢字 🙂\n\tindented\n'.repeat(1_100)

describe.each(['claude', 'codex'] as const)('a real %s behind the broker', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each([
    ['one line', 'hello there, agent'],
    ['several lines', 'first\n\n\tsecond "three"\n$four `five`;\n  six é 漢 🙂\nlast'],
    ['a leading dash', '-n is no option'],
    ['a path at the start', '/a/b is a path'],
    ['a trailing backslash', 'this ends in a backslash \\'],
    ['a file mention at the end', 'please look at @README.md'],
    ['100 kB', long],
  ])('%s arrives whole and once, and its answer is kept', async (_what, text) => {
    const before = broker.stub.prompts().length

    const { prompt, attempt, attempts } = await broker.settled(await broker.send(text))

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toHaveLength(1)
    expect(attempt).toMatchObject({ phase: 'submitted', outcome: 'completed', answerSource: 'transcript' })
    expect(attempt.answer).toMatch(/^ECHO sha=/)
    expect(attempt.tokensOut).toBeGreaterThan(0)
    const arrived = broker.stub.prompts().slice(before)
    expect(arrived).toHaveLength(1)
    expect(sameArrivedText(text, arrived[0]!)).toBe(true)
  })

  test('prompts arrive once each although the assigner is killed again and again', async () => {
    const before = broker.stub.prompts().length
    const texts = Array.from({ length: 3 }, (_, n) => `kill test ${n} [[sleep 1]]`)
    const ids: number[] = []
    for (const text of texts) ids.push(await broker.send(text))

    for (let kills = 0; kills < 3; kills += 1) {
      await sleep(1_200 + 350 * kills)
      await broker.killAssigner()
    }
    for (const id of ids) expect((await broker.settled(id)).prompt.state).toBe('completed')

    expect(broker.stub.prompts().slice(before).toSorted()).toEqual(texts)
  })

  test('a running turn is interrupted in the way of the agent, and the next prompt follows', async () => {
    const id = await broker.send('slow [[stream 30]] [[long 60]]')
    await broker.when(id, ({ state }) => state === 'in_progress')
    await sleep(2_500)

    await interrupt(broker.database, id, Date.now())
    const { prompt, attempt } = await broker.settled(id)
    const next = await broker.settled(await broker.send('and now this'))

    expect(prompt.state).toBe('cancelled')
    expect(attempt.outcome).toBe('interrupted')
    expect(next.prompt.state).toBe('completed')
  })

  test.each([
    ['one line', 'nothing yet [[sleep 20]]'],
    ['many lines', `nothing yet [[sleep 20]]${'\nand a line'.repeat(30)}`],
  ])(
    'a turn that is interrupted before its first output (%s) leaves nothing in the box for the next prompt',
    async (_what, text) => {
      const before = broker.stub.prompts().length
      const id = await broker.send(text)
      await broker.when(id, ({ state }) => state === 'in_progress')
      await waitFor(async () => broker.stub.prompts().length > before, 'the prompt at the model', 10_000)

      await interrupt(broker.database, id, Date.now())
      const { prompt } = await broker.settled(id)
      const next = await broker.settled(await broker.send('whole and alone'))

      expect(prompt.state).toBe('cancelled')
      expect(next.prompt.state).toBe('completed')
      expect(broker.stub.prompts().slice(before + 1)).toEqual(['whole and alone'])
    },
  )

  test('an error of the model fails the prompt with its words', async () => {
    const { prompt } = await broker.settled(await broker.send('fail [[error 400]]'))

    expect(prompt.state).toBe('failed')
    expect(prompt.reason).toContain('400')
  })
})

describe('a real claude that asks for permission', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('claude', { args: ['--permission-mode', 'default'] })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('is never answered by a prompt, and goes on when a person answered', async () => {
    const made = join(broker.agent.dir, 'made.txt')
    const asking = await broker.send(`make it [[bash touch ${made}]]`)
    await broker.agent.pane.waitFor(/Do you want to proceed/, 30_000)
    const waiting = await broker.send('wait for the dialog')
    await sleep(3_000)
    const during = await broker.when(asking, ({ state }) => state === 'in_progress')

    expect(existsSync(made)).toBe(false)
    expect(during.attempt.outcome).toBeNull()
    await broker.agent.pane.press('Enter')

    expect((await broker.settled(asking)).prompt.state).toBe('completed')
    expect((await broker.settled(waiting)).prompt.state).toBe('completed')
    expect(existsSync(made)).toBe(true)
  })

  test("a person's half-typed text is untouched and holds prompts back until it is gone", async () => {
    await broker.agent.pane.type('my own half typed words')
    const id = await broker.send('after the draft')
    await sleep(3_000)
    const screen = await broker.agent.pane.text()
    await broker.agent.pane.press('C-u')

    const { prompt } = await broker.settled(id)

    expect(screen).toContain('my own half typed words')
    expect(prompt.state).toBe('completed')
    expect(broker.stub.prompts().some((text) => text.includes('half typed'))).toBe(false)
  })
})
