import { expect, test } from 'vitest'
import { sameArrivedText } from '../../agents/transcript/arrived.ts'
import type { RealBroker } from './real-broker.ts'

const long =
  'one line of a text that is long: "quotes" $HOME `x` ; #{pane_id} ünï 漢字 🙂\n\tindented\n'.repeat(1_100)

/** What every agent has to take in. */
export const basicTexts: [what: string, text: string][] = [
  ['one line', 'hello there, agent'],
  ['several lines', 'first\n\n\tsecond "three"\n$four `five`;\n  six é 漢 🙂\nlast'],
  ['a trailing backslash', 'this ends in a backslash \\'],
]

export const awkwardTexts: [what: string, text: string][] = [
  ['a leading dash', '-n is no option'],
  ['a path at the start', '/a/b is a path'],
  ['a file mention at the end', 'please look at @README.md'],
  ['100 kB', long],
]

/** Tests, inside a `describe`, that each of these texts comes to the model of the broker's agent. */
export function testArrival(broker: () => RealBroker, texts: [what: string, text: string][]): void {
  test.each(texts)('%s arrives whole and once, and its answer is kept', async (_what, text) => {
    const real = broker()
    const before = real.stub.prompts().length

    const { prompt, attempt, attempts } = await real.settled(await real.send(text))

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toHaveLength(1)
    expect(attempt).toMatchObject({ phase: 'submitted', outcome: 'completed', answerSource: 'transcript' })
    expect(attempt.answer).toMatch(/^ECHO sha=/)
    expect(attempt.tokensOut).toBeGreaterThan(0)
    const arrived = real.stub.prompts().slice(before)
    expect(arrived).toHaveLength(1)
    expect(sameArrivedText(text, arrived[0]!)).toBe(true)
  })
}
