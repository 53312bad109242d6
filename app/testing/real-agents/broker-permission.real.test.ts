import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRealBroker, type RealBroker } from './real-broker.ts'

describe('a real claude that asks for permission', () => {
  let broker: RealBroker

  beforeAll(async () => {
    broker = await startRealBroker('claude', { args: ['--permission-mode', 'default'] })
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  test('is never answered by a prompt, and goes on when a person answered', async () => {
    const made = join(broker.agent.dir, 'made.txt')
    const asking = await broker.send(`make it [[bash touch ${made}]]`)
    await broker.agent.pane.waitFor(/Do you want to proceed/, 60_000)
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
