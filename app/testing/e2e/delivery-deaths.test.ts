import { describe, expect, test } from 'vitest'
import type { Prompt } from '../../core/prompt.ts'
import { startBroker, type TestBroker } from '../broker.ts'

describe.concurrent('the agent dies', () => {
  test('before the paste: the prompt goes to the next agent, once', async () => {
    await using broker = await startBroker({ agents: { a: {} } })
    await keepServer(broker)
    broker.once('before', 'paste', () => crash(broker))

    const id = await broker.send('before the paste')
    await broker.when(id, isReleased, 'its release')
    const next = await broker.addAgent('b')
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['released', 'completed'])
    expect(await broker.agent('a').prompts()).toEqual([])
    expect(await next.prompts()).toEqual(['before the paste'])
  })

  test('between paste and Enter: the prompt goes to the next agent, once', async () => {
    await using broker = await startBroker({ agents: { a: {} } })
    await keepServer(broker)
    broker.once('after', 'paste', () => crash(broker))

    const id = await broker.send('after the paste')
    await broker.when(id, isReleased, 'its release')
    const next = await broker.addAgent('b')
    const { prompt } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(await broker.agent('a').prompts()).toEqual([])
    expect(await next.prompts()).toEqual(['after the paste'])
  })

  test('as it gets Enter: nobody can know, so a person is asked and nobody else gets it', async () => {
    await using broker = await startBroker({ agents: { a: { events: [{ on: 'enter', do: 'kill' }] } } })
    await keepServer(broker)

    const id = await broker.send('at the Enter')
    const { prompt, attempts } = await broker.when(id, isFlagged, 'its flag')
    const next = await broker.addAgent('b')
    const other = await broker.send('the next one')
    await broker.settled(other)

    expect(prompt.state).toBe('in_progress')
    expect(attempts).toMatchObject([{ phase: 'unknown', outcome: null }])
    expect(await next.prompts()).toEqual(['the next one'])
  })

  test('in the middle of its turn: the prompt fails, says so, and is not repeated', async () => {
    const dies = { thinkMs: 5_000, events: [{ on: 'submit' as const, afterMs: 1_000, do: 'kill' as const }] }
    await using broker = await startBroker({ agents: { a: dies } })
    await keepServer(broker)

    const id = await broker.send('mid-turn')
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt).toMatchObject({ state: 'failed', reason: 'the agent ended before its turn did' })
    expect(attempts).toMatchObject([{ phase: 'submitted', outcome: 'agent_gone' }])
    expect(await broker.agent('a').prompts()).toEqual(['mid-turn'])
  })

  test('in a pane that stays (remain-on-exit): nothing is pasted into it, and tmux lives on', async () => {
    await using broker = await startBroker({ agents: { a: {} } })
    await broker.server.run('set-option', '-g', 'remain-on-exit', 'on')
    broker.once('before', 'paste', () => crash(broker))

    const id = await broker.send('not into a dead pane')
    await broker.when(id, isReleased, 'its release')
    const next = await broker.addAgent('b')
    await broker.settled(id)

    expect(await next.prompts()).toEqual(['not into a dead pane'])
    expect(await broker.server.run('list-panes', '-a', '-F', '#{pane_dead}')).toContain('1')
  })
})

test.concurrent('an assigner that ends between paste and Enter leaves the pane to the next one, at once', async () => {
  await using broker = await startBroker()
  const stopping = new Promise<Promise<void>>((resolve) => {
    broker.once('after', 'paste', async () => resolve(broker.stop()))
  })

  const id = await broker.send('for the next one')
  await stopping
  await broker.start()
  const { attempts } = await broker.settled(id)

  expect(attempts).toHaveLength(1)
  expect(await broker.agent('a').prompts()).toEqual(['for the next one'])
})

describe.concurrent('the tmux client of the assigner is killed', () => {
  test.each([
    ['before', 'paste'],
    ['after', 'paste'],
    ['before', 'submit'],
    ['after', 'submit'],
  ] as const)('%s %s: the prompt arrives once', async (moment, step) => {
    await using broker = await startBroker()
    broker.once(moment, step, () => broker.killClient())

    const id = await broker.send('over a dead client')
    const { prompt } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(await broker.agent('a').prompts()).toEqual(['over a dead client'])
  })
})

describe.concurrent('the tmux server dies', () => {
  test.each([
    ['before', 'paste'],
    ['after', 'paste'],
  ] as const)(
    '%s %s: the prompt provably did not arrive, and goes to an agent of the next server',
    async (moment, step) => {
      await using broker = await startBroker()
      broker.once(moment, step, () => broker.killServer())

      const id = await broker.send('over a dead server')
      await broker.when(id, isReleased, 'its release')
      const next = await broker.addAgent('b')
      const { prompt } = await broker.settled(id)

      expect(prompt.state).toBe('completed')
      expect(await broker.agent('a').prompts()).toEqual([])
      expect(await next.prompts()).toEqual(['over a dead server'])
    },
  )

  test('right after Enter: the prompt may have arrived, so a person is asked and nobody else gets it', async () => {
    await using broker = await startBroker()
    broker.once('after', 'submit', async () => {
      await broker.agent('a').witness(({ type }) => type === 'prompt')
      await broker.killServer()
    })

    const id = await broker.send('entered, then darkness')
    const { prompt, attempts } = await broker.when(id, isFlagged, 'its flag')

    expect(prompt.state).toBe('in_progress')
    expect(attempts).toMatchObject([{ phase: 'unknown', outcome: null }])
    expect(await broker.agent('a').prompts()).toEqual(['entered, then darkness'])
  })

  test('right after Enter, and the next server gives the pane its id again: nobody else gets the prompt', async () => {
    await using broker = await startBroker()
    broker.once('after', 'submit', async () => {
      await broker.agent('a').witness(({ type }) => type === 'prompt')
      await broker.killServer()
      await broker.addAgent('b')
    })

    const id = await broker.send('entered, then another server')
    const { attempts } = await broker.when(id, isFlagged, 'its flag')

    expect(broker.agent('b').pane).toEqual(broker.agent('a').pane)
    expect(attempts).toMatchObject([{ phase: 'unknown', outcome: null }])
    expect(await broker.agent('b').prompts()).toEqual([])
  })
})

const isFlagged = ({ attention }: Prompt) => attention !== null
const isReleased = ({ state, attempts }: Prompt) => state === 'pending' && attempts > 0

const crash = (broker: TestBroker) => broker.agent('a').tell({ events: [{ on: 'now', do: 'kill' }] })

/** A session without an agent, so that the server does not end with its last pane. */
function keepServer({ server }: TestBroker) {
  return server.open({ name: 'keeper' })
}
