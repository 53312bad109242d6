import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe.each(['claude', 'codex'] as const)("commands of a real %s's own", (kind) => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker(kind)
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('a shell command runs once, ends as completed, and the next prompt follows', async () => {
    const made = join(broker.agent.dir, 'lines')

    const ran = await broker.settled(
      await broker.send(`!echo ran >>${made}; sleep 2`, { agentCommand: true }),
    )
    const next = await broker.settled(await broker.send('after the shell command'))

    expect(ran.prompt).toMatchObject({ state: 'completed', reason: null })
    expect(ran.attempts).toHaveLength(1)
    expect(await readFile(made, 'utf8')).toBe('ran\n')
    expect(next.prompt.state).toBe('completed')
  })

  test('/compact is followed to its end, and the next prompt follows', async () => {
    const before = broker.stub.heard.length

    const { prompt, attempts } = await broker.settled(await broker.send('/compact', { agentCommand: true }))
    const compacted = broker.stub.heard.slice(before).filter(({ ask }) => ask?.compacting)
    const next = await broker.settled(await broker.send('after making room'))

    expect(prompt).toMatchObject({ state: 'completed', reason: null })
    expect(attempts).toHaveLength(1)
    expect(compacted).toHaveLength(1)
    expect(next.prompt.state).toBe('completed')
  })
})

test('a command that a real codex does not know stays in its box, and a person is asked', async () => {
  await using broker = await startRealBroker('codex')

  const id = await broker.send('/nosuchthing', { agentCommand: true })
  const { prompt, attempt } = await broker.when(id, ({ attention }) => attention !== null)

  expect(prompt.state).toBe('in_progress')
  expect(prompt.attention).toContain('the prompt is still in the box after 5 Enters')
  expect(attempt).toMatchObject({ phase: 'unknown', outcome: null })
  expect(broker.stub.prompts()).toEqual([])
})
