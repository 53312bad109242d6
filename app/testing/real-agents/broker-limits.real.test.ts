import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getPrompt } from '../../db/prompts.ts'
import { startRealBroker, type RealBroker } from './real-broker.ts'

/** The stub's limits end two hours after they were met. */
const limitMs = 2 * 3_600_000
const resumeText = 'Please continue where you stopped; the usage limit is over.'

describe.each(['claude', 'codex'] as const)('a usage limit of a real %s', (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind, { here: true, subscription: true })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('holds the session, and the prompt goes on by itself when the limit is over', async () => {
    const held = 'meet a limit [[limit]]'
    const id = await broker.send(held, { timeoutMinutes: 1 })
    await broker.when(id, ({ state }) => state === 'in_progress')
    await broker.agent.pane.waitFor(/hit your .*limit/)
    const next = await broker.send('after the limit')
    await sleep(3_000)
    const during = await broker.when(id, () => true)
    const waiting = await getPrompt(broker.database.kysely, next)

    broker.time.aheadMs += limitMs + 5 * 60_000
    const { prompt, attempts } = await broker.settled(id)
    const after = await broker.settled(next)

    expect(waiting.state).toBe('pending')
    expect(during.prompt.state).toBe('in_progress')
    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'completed', answerSource: 'transcript' }])
    expect(attempts[0]!.pausedMs).toBeGreaterThan(limitMs)
    expect(after.prompt.state).toBe('completed')
    const prompts = broker.stub.prompts()
    expect(prompts.slice(prompts.lastIndexOf(held))).toEqual([held, resumeText, 'after the limit'])
  })
})
