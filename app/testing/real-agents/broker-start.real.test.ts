import { expect, test } from 'vitest'
import { startRealBroker } from './real-broker.ts'
import { realAgentKinds } from './versions.ts'

/** The first prompt of an empty database. */
const first = 1

// Gemini's box stands there for some seconds before it takes an Enter for more than a newline.
test.each(realAgentKinds)(
  'a prompt that waits for a starting %s arrives whole and once, whatever its new box swallows',
  async (kind) => {
    const text = 'sent before there was\na box to type into'
    await using real = await startRealBroker(kind, { waiting: text })

    const { prompt, attempt, attempts } = await real.settled(first)

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempt).toMatchObject({ phase: 'submitted', outcome: 'completed' })
    expect(attempts).toHaveLength(1)
    expect(real.stub.prompts().map((heard) => heard.trim())).toEqual([text])
  },
)
