import { describe, expect, test } from 'vitest'
import { startBroker } from '../broker.ts'

describe.concurrent('bad habits of agents', () => {
  test('an Enter that the agent lost is pressed again; the text is never pasted again', async () => {
    await using broker = await startBroker({ agents: { a: { strandEnters: 2 } } })

    const id = await broker.send('stranded twice')
    const { prompt } = await broker.settled(id)

    const log = await broker.agent('a').log()
    expect(prompt.state).toBe('completed')
    expect(log.filter(({ type }) => type === 'pasted')).toHaveLength(1)
    expect(log.filter(({ type }) => type === 'stranded')).toHaveLength(2)
    expect(await broker.agent('a').prompts()).toEqual(['stranded twice'])
  })

  test('an agent that takes no Enter at all is not pressed for ever: a person is asked', async () => {
    await using broker = await startBroker({ agents: { a: { strandEnters: 1_000 } } })

    const id = await broker.send('never taken')
    const { prompt, attempts } = await broker.when(id, ({ attention }) => attention !== null, 'its flag')

    expect(prompt.attention).toContain('the prompt is still in the box after 5 Enters')
    expect(attempts).toMatchObject([{ phase: 'unknown' }])
  })

  test('a paste that is drawn late is waited for', async () => {
    await using broker = await startBroker({ agents: { a: { redrawLateMs: 2_000 } } })

    const id = await broker.send('drawn late')
    const { attempts } = await broker.settled(id)

    expect(attempts).toHaveLength(1)
    expect(await broker.agent('a').prompts()).toEqual(['drawn late'])
  })

  test("an agent's stand-in for a long paste counts as our text", async () => {
    await using broker = await startBroker({ agents: { a: { placeholderFrom: { chars: 10, lines: 2 } } } })

    const id = await broker.send('one line\nanother line\na third line')
    const { attempts } = await broker.settled(id)

    expect(attempts).toHaveLength(1)
    expect(await broker.agent('a').prompts()).toEqual(['one line\nanother line\na third line'])
  })

  test('a turn that the agent begins by itself between paste and Enter is waited for', async () => {
    await using broker = await startBroker({ agents: { a: { thinkMs: 1_000 } } })
    broker.once('after', 'paste', () =>
      broker.agent('a').tell({ thinkMs: 1_000, events: [{ on: 'now', do: 'turn' }] }),
    )

    const id = await broker.send('after your own turn')
    const { prompt } = await broker.settled(id)

    const turns = (await broker.agent('a').log()).filter(({ type }) => type.startsWith('turn_'))
    expect(prompt.state).toBe('completed')
    expect(turns.map(({ type }) => type)).toEqual(['turn_start', 'turn_end', 'turn_start', 'turn_end'])
    expect(await broker.agent('a').prompts()).toEqual(['after your own turn'])
  })
})

describe.concurrent('usage limits', () => {
  test('an agent that goes on by itself after its limit finishes the prompt', async () => {
    await using broker = await startBroker({
      agents: { a: { thinkMs: 800, limit: { resetsInMs: 3_000, resumes: true } } },
    })

    const id = await broker.send('over a limit')
    await broker.agent('a').witness(({ how }) => how === 'limited')
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(attempts).toHaveLength(1)
    expect(attempts[0]!.pausedMs).toBeGreaterThan(1_000)
    expect(await broker.agent('a').prompts()).toEqual(['over a limit'])
  })

  test('an agent that sits there after its limit is told to go on, and never gets the prompt again', async () => {
    await using broker = await startBroker({
      agents: { a: { limit: { resetsInMs: 4_000, resumes: false } } },
    })

    const id = await broker.send('over a limit')
    const { prompt, attempts } = await broker.settled(id)

    expect(prompt.state).toBe('completed')
    expect(attempts).toHaveLength(1)
    expect(await broker.agent('a').prompts()).toEqual([
      'over a limit',
      'Please continue where you stopped; the usage limit is over.',
    ])
  })

  test('a limited session gets nothing new until its limit is over', async () => {
    await using broker = await startBroker({
      agents: { a: { thinkMs: 800, limit: { resetsInMs: 6_000, resumes: true } } },
    })
    const first = await broker.send('meets the limit')
    await broker.agent('a').witness(({ how }) => how === 'limited')

    const second = await broker.send('waits for its end')
    await broker.settled(first)
    await broker.settled(second)

    const log = await broker.agent('a').log()
    const over = log.findIndex(({ type }) => type === 'limit_over')
    expect(
      log.findIndex(({ text, type }) => type === 'pasted' && text === 'waits for its end'),
    ).toBeGreaterThan(over)
  })
})
