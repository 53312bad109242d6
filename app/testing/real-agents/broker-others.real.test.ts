import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sameArrivedText } from '../../agents/transcript/arrived.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe.each(['gemini', 'opencode'] as const)('a real %s behind the broker', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each([
    ['one line', 'hello there, agent'],
    ['several lines', 'first\n\n\tsecond "three"\n$four `five`;\n  six é 漢 🙂\nlast'],
    ['a trailing backslash', 'this ends in a backslash \\'],
  ])('%s arrives whole and once, and its answer is kept', async (_what, text) => {
    const before = broker.stub.prompts().length

    const { prompt, attempt, attempts } = await broker.settled(await broker.send(text))

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toHaveLength(1)
    expect(attempt).toMatchObject({ phase: 'submitted', outcome: 'completed', answerSource: 'transcript' })
    expect(attempt.answer).toMatch(/^ECHO sha=/)
    const arrived = broker.stub.prompts().slice(before)
    expect(arrived).toHaveLength(1)
    expect(sameArrivedText(text, arrived[0]!)).toBe(true)
  })
})
