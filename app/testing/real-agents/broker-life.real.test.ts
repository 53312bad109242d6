import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../wait-for.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe.each(['claude', 'codex'] as const)('the life of a real %s behind the broker', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a follow-up goes to the session and the conversation that did the first prompt', async () => {
    const first = await broker.send('remember the number 4711')
    const before = await broker.settled(first)

    const after = await broker.settled(await broker.send('which number was it?', { followUpOf: first }))

    expect(after.prompt).toMatchObject({ state: 'completed', sessionKey: before.prompt.sessionKey })
    expect(after.attempt.conversation).toBe(before.attempt.conversation)
  })

  test('a fresh prompt clears the conversation first and arrives once', async () => {
    const earlier = await broker.settled(await broker.send('something that is to be forgotten'))
    const before = broker.stub.prompts().length

    const { prompt, attempt } = await broker.settled(await broker.send('a new start', { context: 'fresh' }))

    expect(prompt.state).toBe('completed')
    expect(broker.stub.prompts().slice(before)).toEqual(['a new start'])
    expect(attempt.conversation).not.toBe(earlier.attempt.conversation)
  })

  test('an agent that is killed in the middle of its turn fails the prompt, which is not repeated', async () => {
    const text = 'die in the middle [[sleep 30]]'
    const id = await broker.send(text)
    await broker.when(id, (_prompt, attempt) => attempt?.phase === 'submitted')
    await waitFor(async () => broker.stub.prompts().includes(text), 'the prompt at the model')

    await broker.agent.pane.killForeground(await broker.agent.pane.pid())
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt).toMatchObject({ state: 'failed', reason: 'the agent ended before its turn did' })
    expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'agent_gone' }])
    expect(broker.stub.prompts().filter((heard) => heard === text)).toEqual([text])
  })
})
