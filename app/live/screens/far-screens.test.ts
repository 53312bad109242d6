import { expect, test } from 'vitest'
import { joinFarNode } from '../../testing/cluster/far-node.ts'
import { startDashboard } from '../../testing/dashboard.ts'
import { connectLive } from '../../testing/live-client.ts'
import { waitFor } from '../../testing/wait-for.ts'
import type { ScreensMessage } from './screens.ts'

test('screens of several nodes come together, and one that was away goes on when it is back', async () => {
  await using dashboard = await startDashboard()
  await using far = await joinFarNode(dashboard, 'pi')
  const here = await dashboard.server.open({ name: 'near', command: ['bash', '--norc'] })
  const there = await far.tmux.open({ name: 'far', command: ['bash', '--norc'] })
  const [near, away] = [`test/${here.server}/${here.paneId}`, `pi/${there.server}/${there.paneId}`]
  await using client = await connectLive(dashboard, await dashboard.signIn('viewer'))
  const shown = new Map<string, string>()
  client.socket.on('screens', ({ screens }: ScreensMessage, taken: () => void) => {
    for (const { session, rows } of screens) shown.set(session, JSON.stringify(rows))
    taken()
  })
  const shows = (key: string, text: string) =>
    waitFor(async () => shown.get(key)?.includes(text), `"${text}" on the screen of ${key}`)

  await client.ask('screens:watch', { sessions: [near, away, 'nowhere/default/%1'] })
  await dashboard.server.run('send-keys', '-t', here.paneId, 'echo he""re', 'Enter')
  await far.tmux.run('send-keys', '-t', there.paneId, 'echo the""re', 'Enter')
  await Promise.all([shows(near, 'here'), shows(away, 'there')])
  await far.stopAgent()
  await far.tmux.run('send-keys', '-t', there.paneId, 'echo mean""while', 'Enter')
  await far.startAgent()
  await shows(away, 'meanwhile')

  expect([...shown.keys()].toSorted()).toEqual([away, near])
})

test('a dashboard that begins anew gets the screen of a session that has not changed since', async () => {
  await using dashboard = await startDashboard()
  await using far = await joinFarNode(dashboard, 'pi')
  const pane = await far.tmux.open({ name: 'far', command: ['sh', '-c', 'echo still here; cat'] })
  const { host } = far.site
  const screens = async () => {
    // The node may not have noticed yet that a tmux runs there, or be away.
    const seen = await host.sweep(({ paneId }) => paneId === pane.paneId).catch(() => null)
    return seen?.changed.map(({ rows }) => rows[0]) ?? null
  }
  await waitFor(async () => (await screens())?.includes('still here'), 'the first screen')
  // tmux tells of activity by the second: until that is over, a screen counts as changed.
  await waitFor(async () => (await screens())?.length === 0, 'a screen that stays as it is')

  dashboard.disconnectSockets()
  const again = await waitFor(async () => {
    const seen = await screens()
    return seen && seen.length > 0 && seen
  }, 'the screen after the connection began anew')

  expect(again).toEqual(['still here'])
})
