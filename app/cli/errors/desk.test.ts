import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { errorDesks } from './desk.ts'
import { newsSince } from './news.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

describe.each(bothSides(errorDesks, () => dashboard, ['read', 'prompts']))('at $name', ({ open }) => {
  test('errors are listed, told of as they come, resolved, and refused in the same words', async () => {
    const desk = await open()
    const report = (message: string) =>
      dashboard.anonymous.send<{ id: number }>('POST', '/api/errors', {
        message,
        source: 'app.py',
        node_id: 'pi-1',
      })
    const { id } = (await report('the cart is gone')).body
    const before = await desk.list({ limit: 10, states: ['open', 'regressed'], text: 'cart', node: 'pi-1' })

    const resolved = await desk.change(id, 'resolve')
    await report('the cart is gone')
    await report('the cart is gone')
    const after = await desk.list({ limit: 10, since: before[0]!.lastSeenAt, text: 'cart' })
    const seen = {
      counts: new Map(before.map((group) => [group.id, group.count])),
      at: before[0]!.lastSeenAt,
    }
    const { news, next } = newsSince(seen, after)

    expect(before).toMatchObject([{ id, message: 'the cart is gone' }])
    expect(resolved).toMatchObject({ id, state: 'resolved' })
    expect(news).toMatchObject([{ group: { id, state: 'regressed' }, times: 2 }])
    expect(newsSince(next, after).news).toEqual([])
    await expect(desk.change(999_999, 'resolve')).rejects.toMatchObject({ code: 'not_found' })
    await desk.change(id, 'ignore')
    await expect(desk.change(id, 'ignore')).rejects.toMatchObject({
      code: 'conflict',
      message: `Cannot ignore error ${id}: it is ignored already.`,
    })
    await desk.change(id, 'reopen')
  })
})
