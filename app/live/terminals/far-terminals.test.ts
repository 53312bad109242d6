import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { joinFarNode, type FarNode } from '../../testing/cluster/far-node.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { watchTerminal } from '../../testing/live-terminal.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { readPaneLease } from '../../db/leases.ts'
import type { PaneRef } from '../../core/host.ts'

let dashboard: TestDashboard
let far: FarNode
let pane: PaneRef
let key: string
beforeEach(async () => {
  dashboard = await startDashboard()
  far = await joinFarNode(dashboard, 'pi')
  pane = await far.tmux.open({ name: 'work', command: ['bash', '--norc'] })
  key = `pi/${pane.server}/${pane.paneId}`
})
afterEach(async () => {
  await far[Symbol.asyncDispose]()
  await dashboard[Symbol.asyncDispose]()
})

const watch = (role: 'viewer' | 'operator' = 'operator', session = key) =>
  watchTerminal(dashboard, role, session)

const run = (...args: string[]) => far.tmux.run(...args)

test('a session of another node is seen and typed into, and its lease is taken', async () => {
  const screen = await watch()
  await screen.shows('bash')

  await screen.type('echo ty""ped\r')
  await screen.shows('typed')

  expect(screen.opened).toMatchObject({ session: key, name: 'work', columns: 100, rows: 30, away: null })
  expect(screen.state).toMatchObject({ mode: 'type', typing: { by: ['test-operator'] } })
  const lease = await readPaneLease(dashboard.web.database.kysely, key)
  expect(lease?.until).toBeGreaterThan(Date.now())
})

test('a node agent that ends leaves its terminal waiting, and it is drawn again when it is back', async () => {
  const screen = await watch()
  await screen.shows('bash')

  await far.stopAgent()
  await waitFor(async () => screen.state.away, 'word that the node is away')
  const away = screen.state.away
  const refused = await screen.type('lost')
  await run('send-keys', '-t', pane.paneId, 'echo mean""while', 'Enter')
  await far.startAgent()
  await screen.shows('meanwhile')

  expect(away).toEqual({ node: 'pi', since: expect.any(Number) })
  expect(refused).toMatchObject({
    error: { code: 'unavailable', message: expect.stringContaining('pi has') },
  })
  expect(screen.state.away).toBeNull()
  expect(screen.end).toBeNull()
  await screen.type('echo ag""ain\r')
  await screen.shows('again')
})

test('a tmux that began anew while its node was away shows nobody the session that has its pane now', async () => {
  const screen = await watch()
  await screen.shows('bash')
  await far.stopAgent()
  await run('kill-server')
  const other = await far.tmux.open({ name: 'other', command: ['sh', '-c', 'echo secret; cat'] })

  await far.startAgent()
  const end = await waitFor(async () => screen.end, 'the end of the terminal')

  expect(other.paneId).toBe(pane.paneId)
  expect(end).toMatch(/work has ended|is gone|no session/i)
  expect(screen.text).not.toContain('secret')
})

test('a person who only looks on sees the session and can type nothing', async () => {
  const screen = await watch('viewer')
  await screen.shows('bash')

  const refused = await screen.type('echo ty""ped\r')
  const read = await screen.client.ask<{ text: string }>('terminal:history', { terminal: 1, lines: 50 })

  expect(refused).toMatchObject({ error: { code: 'forbidden' } })
  expect(read.text).toContain('bash')
  expect(await run('capture-pane', '-p', '-t', pane.paneId)).not.toContain('typed')
})

test('two people see the same, and the one who takes nothing holds up nobody', async () => {
  const slow = await watch('viewer')
  const quick = await watch()
  await Promise.all([slow.shows('bash'), quick.shows('bash')])
  slow.acknowledges = false

  await quick.type('seq 1 60000; echo do""ne\r')
  await quick.shows('done')
  slow.acknowledges = true
  slow.client.socket.emit('terminal:ack', { terminal: 1, characters: slow.drawn })
  await slow.shows('done')

  const clients = await run('list-clients', '-F', '#{client_control_mode}')
  expect(clients.split('\n').filter((mode) => mode === '0')).toHaveLength(2)
})

test('a paste of many pieces arrives whole and in order', async () => {
  const text = Array.from({ length: 6_000 }, (_, line) => `line ${line}`).join('\r')
  const takes = `stty raw -echo; echo ready; head -c ${text.length} > got; echo all of it; cat`
  const reader = await far.tmux.open({
    name: 'reader',
    command: ['sh', '-c', takes],
    dir: far.tmux.folder,
  })
  const screen = await watch('operator', `pi/${reader.server}/${reader.paneId}`)
  await screen.shows('ready')

  for (const piece of text.match(/[^]{1,16384}/g) ?? []) void screen.type(piece)
  await screen.shows('all of it')

  expect(await readFile(join(far.tmux.folder, 'got'), 'utf8')).toBe(text)
})
