import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendDeliveries } from '../../broker/notifications/send.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { bothSides } from '../../testing/sides.ts'
import { notificationDesks } from './desk.ts'

let dashboard: TestDashboard

beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const sides = bothSides(notificationDesks, () => dashboard, ['admin'], 'admin')

describe.each(sides)('at $name', ({ open }) => {
  const wanted = {
    kind: 'webhook' as const,
    name: 'chat',
    url: 'http://127.0.0.1:1/secret-path',
    secret: null,
    kinds: ['failed' as const],
    allowPrivate: true,
  }

  test('a channel is opened with a secret, shown without its address, and removed', async () => {
    const desk = await open()

    const { channel, secret } = await desk.open(wanted)
    const channels = await desk.channels()
    await desk.remove(channel.id)

    expect(secret).toMatch(/^whsec_/)
    expect(channel).toMatchObject({ name: 'chat', goesTo: '127.0.0.1:1', kinds: ['failed'], hasSecret: true })
    expect(channels).toEqual([channel])
    expect(JSON.stringify(channels)).not.toContain('secret-path')
    expect(await desk.channels()).toEqual([])
    await expect(desk.remove(channel.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('what came of a test is found, and stands among what was sent', async () => {
    const desk = await open()
    const { channel } = await desk.open(wanted)

    const messageId = await desk.test(channel.id)
    await sendDeliveries(dashboard.web)
    const delivery = await desk.delivery(channel.id, messageId)
    const [last] = await desk.sent(1)
    await desk.remove(channel.id)

    expect(delivery).toMatchObject({ messageId, kind: 'test', tries: 1, failure: expect.any(String) })
    expect(last).toEqual(delivery)
    expect(await desk.delivery(channel.id, 'msg_none')).toBeNull()
    await expect(desk.open({ ...wanted, url: 'nowhere' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
