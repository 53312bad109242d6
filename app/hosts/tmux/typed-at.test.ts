import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { attachClient } from '../../testing/attached-client.ts'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('people', () => {
  test('typing in an attached client shows as typedAt on the panes of its window, attaching does not', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const [a, b] = [await server.open({ name: 'a' }), await server.open({ name: 'b' })]
    await using client = await attachClient(server, 'a', { width: 80, height: 24 })
    expect((await host.look(a)).typedAt).toBeNull()
    await sleep(2100)

    client.press('x')

    const typedAt = await waitFor(async () => (await host.look(a)).typedAt, 'the key')
    expect(Math.abs(Date.now() - typedAt)).toBeLessThan(60_000)
    expect((await host.look(b)).typedAt).toBeNull()
  })
})
