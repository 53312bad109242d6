import { describe, expect, test } from 'vitest'
import { cancel, drain, interrupt, pause, reassign, resume } from '../../broker/commands.ts'
import { startBroker } from '../broker.ts'

describe.concurrent('a running prompt', () => {
  test('is interrupted in its turn, ends as cancelled, and frees its session', async () => {
    await using broker = await startBroker({ agents: { a: { thinkMs: 60_000 } } })
    const id = await broker.send('think for a minute')
    await broker.when(id, ({ state }) => state === 'in_progress', 'its turn')

    await interrupt(broker.database, id, Date.now())
    const { prompt, attempts } = await broker.settled(id)

    const ends = (await broker.agent('a').log()).filter(({ type }) => type === 'turn_end')
    expect(prompt.state).toBe('cancelled')
    expect(attempts).toMatchObject([{ outcome: 'interrupted' }])
    expect(ends).toMatchObject([{ how: 'interrupted' }])
  })

  test('is interrupted while it asks for permission; nothing is approved', async () => {
    await using broker = await startBroker({ agents: { a: { ask: 'permission' } } })
    const id = await broker.send('may I?')
    await broker.shows('a', 'Allow this command?')
    await broker.when(id, ({ state }) => state === 'in_progress', 'its turn')

    await interrupt(broker.database, id, Date.now())
    const { prompt } = await broker.settled(id)

    expect(prompt.state).toBe('cancelled')
    expect((await broker.agent('a').log()).some(({ type }) => type === 'APPROVED')).toBe(false)
  })

  test('is interrupted between paste and Enter: its text is taken out of the box', async () => {
    await using broker = await startBroker({ agents: { a: { redrawLateMs: 4_000 } } })
    const id = await broker.send('never entered')
    await broker.agent('a').witness(({ type }) => type === 'pasted')

    await interrupt(broker.database, id, Date.now())
    const { prompt, attempts } = await broker.settled(id)
    await broker.showsNoMore('a', 'never entered')

    expect(prompt.state).toBe('cancelled')
    expect(attempts).toMatchObject([{ phase: 'not_submitted', outcome: 'interrupted' }])
    expect(await broker.agent('a').prompts()).toEqual([])
  })

  test('cannot be cancelled or reassigned; the refusal says what to do instead', async () => {
    await using broker = await startBroker({ agents: { a: { thinkMs: 60_000 } } })
    const id = await broker.send('busy')
    await broker.when(id, ({ state }) => state === 'in_progress', 'its turn')

    const refused = { code: 'conflict', message: expect.stringContaining('interrupt') as unknown }

    await expect(cancel(broker.database, id, Date.now())).rejects.toMatchObject(refused)
    await expect(reassign(broker.database, id, 'b', Date.now())).rejects.toMatchObject(refused)
  })

  test('that does not end in time fails, and its session gets nothing until it takes prompts again', async () => {
    await using broker = await startBroker({ agents: { a: { thinkMs: 6_000 } } })
    const slow = await broker.send('too slow', { timeoutMinutes: 1 / 60 })
    const next = await broker.send('the next one')

    const { prompt, attempts } = await broker.settled(slow)
    const after = await broker.settled(next)

    expect(prompt.state).toBe('failed')
    expect(attempts).toMatchObject([{ outcome: 'timed_out' }])
    const log = await broker.agent('a').log()
    const end = log.findIndex(({ type }) => type === 'turn_end')
    expect(log.findIndex(({ type, text }) => type === 'pasted' && text === 'the next one')).toBeGreaterThan(
      end,
    )
    expect(after.prompt.state).toBe('completed')
  })
})

describe.concurrent('order and conditions', () => {
  test('a prompt after another one waits for its end; a key sent twice is one prompt', async () => {
    await using broker = await startBroker({ agents: { a: {}, b: {} } })

    const first = await broker.send('first', { idempotencyKey: 'only once' })
    const again = await broker.send('first', { idempotencyKey: 'only once' })
    const second = await broker.send('second', { after: [first] })
    const { attempts } = await broker.settled(second)
    const before = await broker.settled(first)

    expect(again).toBe(first)
    expect(attempts[0]!.claimedAt).toBeGreaterThanOrEqual(before.prompt.endedAt!)
    expect([...(await broker.agent('a').prompts()), ...(await broker.agent('b').prompts())].sort()).toEqual([
      'first',
      'second',
    ])
  })

  test('not before its time, and not after its expiry', async () => {
    await using broker = await startBroker({ running: false })
    const now = Date.now()
    const late = await broker.send('too late', { expiresAt: now + 300 })
    const later = await broker.send('later', { notBefore: now + 6_000 })
    await new Promise((resolve) => setTimeout(resolve, 400))

    await broker.start()
    const { prompt, attempts } = await broker.settled(later)
    const expired = await broker.settled(late)

    expect(prompt.state).toBe('completed')
    expect(attempts[0]!.claimedAt).toBeGreaterThanOrEqual(now + 6_000)
    expect(expired).toMatchObject({ prompt: { state: 'failed' }, attempts: [] })
    expect(await broker.agent('a').prompts()).toEqual(['later'])
  })

  test('the higher priority goes first', async () => {
    await using broker = await startBroker({ running: false })
    const low = await broker.send('low', { priority: 1 })
    const high = await broker.send('high', { priority: 9 })

    await broker.start()
    await broker.settled(low)
    await broker.settled(high)

    expect(await broker.agent('a').prompts()).toEqual(['high', 'low'])
  })

  test('a fresh prompt clears the conversation first, a follow-up goes to the session that did the earlier one', async () => {
    await using broker = await startBroker({ agents: { a: {}, b: {} } })
    const first = await broker.send('first', { target: { session: 'b' } })
    await broker.settled(first)

    const second = await broker.send('and then', { followUpOf: first })
    const { attempts } = await broker.settled(second)
    const fresh = await broker.send('anew', { target: { session: 'b' }, context: 'fresh' })
    await broker.settled(fresh)

    const log = await broker.agent('b').log()
    const said = log.filter(({ type }) => type === 'prompt' || type === 'command')
    expect(attempts[0]!.sessionName).toBe('b')
    expect(said.map(({ text }) => text)).toEqual(['first', 'and then', '/clear', 'anew'])
  })

  test('a paused queue gives out nothing, a drained one lets the running prompt end', async () => {
    await using broker = await startBroker({ agents: { a: { thinkMs: 3_000 } } })
    const running = await broker.send('running')
    await broker.when(running, ({ state }) => state === 'in_progress', 'its turn')

    await drain(broker.database, Date.now())
    const waiting = await broker.send('waiting')
    const ended = await broker.settled(running)
    const held = await broker.when(waiting, ({ waitingFor }) => waitingFor !== null, 'its reason')
    await resume(broker.database, 'test', null, Date.now())
    await broker.settled(waiting)
    await pause(broker.database, 'test', null, Date.now())
    const paused = await broker.when(
      await broker.send('paused'),
      ({ waitingFor }) => waitingFor !== null,
      'its reason',
    )

    expect(ended.prompt.state).toBe('completed')
    expect(held).toMatchObject({ prompt: { waitingFor: 'the queue is being drained' }, attempts: [] })
    expect(paused).toMatchObject({ prompt: { waitingFor: 'the queue is paused' }, attempts: [] })
  })

  test('a due prompt is attempted soon after its session became idle by itself', async () => {
    const turn = [{ on: 'now' as const, do: 'turn' as const }]
    await using broker = await startBroker({ agents: { a: { thinkMs: 4_000, events: turn } } })

    const id = await broker.send('as soon as you are free')
    const { attempts } = await broker.settled(id)

    const idle = await broker
      .agent('a')
      .witness(({ type, turn: number }) => type === 'turn_end' && number === 1)
    expect(attempts[0]!.claimedAt).toBeGreaterThanOrEqual(idle.at)
    expect(attempts[0]!.claimedAt - idle.at).toBeLessThan(20_000)
  })

  test('a prompt whose session stays busy says so again and again, and is never dropped', async () => {
    const turn = [{ on: 'now' as const, do: 'turn' as const }]
    await using broker = await startBroker({ agents: { a: { thinkMs: 600_000, events: turn } } })

    const id = await broker.send('patience')
    const { prompt, attempts } = await broker.when(id, ({ skips }) => skips > 0, 'a recorded skip')

    expect(prompt).toMatchObject({ state: 'pending', waitingFor: 'a is busy' })
    expect(attempts).toEqual([])
  })
})
