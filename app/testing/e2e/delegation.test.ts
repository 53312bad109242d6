import { describe, expect, test } from 'vitest'
import { accept, sendBack } from '../../broker/delegation/review.ts'
import { listPrompts } from '../../db/prompts.ts'
import { startBroker } from '../broker.ts'

describe('a prompt that delegates', () => {
  test('goes on in its session with what came out, and ends with the answer to that', async () => {
    await using broker = await startBroker({ agents: { boss: { thinkMs: 1_500 }, hand: {} } })
    const whole = await broker.send('build the shop', { target: { session: 'boss' } })
    await broker.when(whole, ({ state }) => state === 'in_progress', 'its turn')

    const part = await broker.send('build the till', {
      parent: whole,
      kind: 'code',
      target: { session: 'hand' },
    })
    const { prompt, attempts } = await broker.settled(whole)

    expect(prompt.state).toBe('completed')
    expect(attempts).toHaveLength(2)
    expect(attempts[0]?.text).toBeNull()
    expect(attempts[1]?.text).toContain(`Prompt ${part} (code, hand) completed`)
    expect(await broker.agent('boss').prompts()).toEqual(['build the shop', attempts[1]?.text])
  })

  test('is told once although the assigner dies between the end of a part and the digest', async () => {
    await using broker = await startBroker({ agents: { boss: { thinkMs: 500 }, hand: { thinkMs: 2_000 } } })
    const whole = await broker.send('build the shop', { target: { session: 'boss' } })
    await broker.when(whole, ({ state }) => state === 'in_progress', 'its turn')
    const part = await broker.send('build the till', { parent: whole, target: { session: 'hand' } })
    await broker.when(whole, ({ hold }) => hold === 'children', 'waiting for its part')
    await broker.settled(part)
    await broker.stop()

    await broker.start()
    const { prompt, attempts } = await broker.settled(whole)

    expect(prompt.state).toBe('completed')
    expect(attempts).toHaveLength(2)
    expect(await broker.agent('boss').prompts()).toEqual(['build the shop', attempts[1]?.text])
    expect((await listPrompts(broker.database.kysely, { limit: 10 })).items).toHaveLength(2)
  })

  test('whose part is sent back hears of its second end as well', async () => {
    await using broker = await startBroker({ agents: { boss: { thinkMs: 1_000 }, hand: {} } })
    const whole = await broker.send('build the shop', { target: { session: 'boss' } })
    await broker.when(whole, ({ state }) => state === 'in_progress', 'its turn')
    const part = await broker.send('build the till', { parent: whole, target: { session: 'hand' } })
    const boss = { node: 'test', name: 'boss' }
    await broker.settled(part)
    await sendBack(broker.database, part, boss, 'it needs a drawer', Date.now())

    const { attempts } = await broker.settled(part)
    await accept(broker.database, part, boss, null, Date.now())
    const done = await broker.settled(whole)

    expect(attempts.map(({ text }) => text)).toEqual([null, 'it needs a drawer'])
    expect(await broker.agent('hand').prompts()).toEqual(['build the till', 'it needs a drawer'])
    expect(done.prompt.state).toBe('completed')
  })
})
