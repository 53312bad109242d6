import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Actor } from '../core/account.ts'
import { systemClock } from '../core/clock.ts'
import { startBroker, type TestBroker } from '../testing/broker.ts'
import { openHost } from '../testing/tmux.ts'
import type { TmuxHost } from '../hosts/tmux/tmux-host.ts'
import { Keyboard } from './keyboard.ts'

const anna: Actor = { kind: 'user', name: 'anna', address: '10.0.0.1' }

let broker: TestBroker
let host: TmuxHost
let keyboard: Keyboard
beforeEach(async () => {
  broker = await startBroker({ agents: { a: { thinkMs: 50, answer: 'Done.' } } })
  host = openHost(broker.server)
  const { server } = broker.agent('a').pane
  const tools = { database: broker.database, host, clock: systemClock }
  keyboard = new Keyboard(tools, 'person-1', { server, sessionName: 'a' })
})
afterEach(async () => {
  await host[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
})

const type = (keys: string) => broker.server.run('send-keys', '-t', broker.agent('a').pane.paneId, '-l', keys)

describe('a person takes the session', () => {
  test.each(['paste', 'submit'] as const)(
    'in the moment before a %s: nothing is sent until it is given back, and then once',
    async (step) => {
      broker.once('before', step, () => keyboard.hold(anna))
      const id = await broker.send('from the queue')
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      const whileHeld = await broker.agent('a').prompts()

      await keyboard.release(anna)
      const { prompt } = await broker.settled(id)

      expect(whileHeld).toEqual([])
      expect(prompt.state).toBe('completed')
      expect(await broker.agent('a').prompts()).toEqual(['from the queue'])
    },
  )

  test('and types: the prompt waits for the box, and both arrive by themselves', async () => {
    await keyboard.hold(anna)
    const id = await broker.send('from the queue')
    await type('from anna')
    await broker.shows('a', 'from anna')
    await keyboard.release(anna)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const before = await broker.agent('a').prompts()

    await keyboard.hold(anna)
    await broker.server.run('send-keys', '-t', broker.agent('a').pane.paneId, 'Enter')
    await broker.showsNoMore('a', '❯ from anna')
    await keyboard.release(anna)
    await broker.settled(id)

    expect(before).toEqual([])
    expect(await broker.agent('a').prompts()).toEqual(['from anna', 'from the queue'])
  })
})
