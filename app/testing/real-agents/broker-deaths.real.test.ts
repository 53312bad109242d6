import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe.each(['claude', 'codex'] as const)('deaths before a real %s', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test.each(['after paste', 'after submit'] as const)(
    'an assigner that is killed %s leaves a prompt that arrives once',
    async (place) => {
      const text = `killed ${place}`

      const id = await broker.sendAndKillAt(place, text)
      const { prompt, attempts } = await broker.settled(id)

      expect(prompt).toMatchObject({ state: 'completed', reason: null })
      expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'completed' }])
      expect(broker.stub.prompts().filter((heard) => heard === text)).toEqual([text])
    },
  )

  test('an agent that is killed in the middle of its turn fails the prompt, which is not repeated', async () => {
    const text = 'die in the middle [[sleep 30]]'
    const id = await broker.send(text)
    await broker.when(id, (_prompt, attempt) => attempt?.phase === 'submitted')
    await waitFor(async () => broker.stub.prompts().includes(text), 'the prompt at the model', 10_000)

    await broker.agent.pane.killForeground(await broker.agent.pane.pid())
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt).toMatchObject({ state: 'failed', reason: 'the agent ended before its turn did' })
    expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'agent_gone' }])
    expect(broker.stub.prompts().filter((heard) => heard === text)).toEqual([text])
  })
})
