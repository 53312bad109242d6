import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe.each(['claude', 'codex'] as const)('the death of an assigner before a real %s', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each(['after paste', 'after submit'] as const)(
    '%s leaves a prompt that arrives once',
    async (place) => {
      const text = `killed ${place}`

      const id = await broker.sendAndKillAt(place, text)
      const { prompt, attempts } = await broker.settled(id)

      expect(prompt).toMatchObject({ state: 'completed', reason: null })
      expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'completed' }])
      expect(broker.stub.prompts().filter((heard) => heard === text)).toEqual([text])
    },
  )
})
