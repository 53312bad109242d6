import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { connectLive, type LiveClient } from '../../testing/live-client.ts'
import { waitFor } from '../../testing/wait-for.ts'
import type { PaneRef } from '../../core/host.ts'
import type { ScreenMessage, ScreensMessage } from './screens.ts'

let dashboard: TestDashboard
const panes: PaneRef[] = []
beforeAll(async () => {
  dashboard = await startDashboard()
  for (const name of ['a', 'b']) {
    panes.push(await dashboard.server.open({ name, command: ['bash', '--norc'], width: 60, height: 10 }))
  }
})
afterAll(() => dashboard[Symbol.asyncDispose]())

const keyOf = (pane: PaneRef) => `test/${pane.server}/${pane.paneId}`
const type = (pane: PaneRef, keys: string) =>
  dashboard.server.run('send-keys', '-t', pane.paneId, keys, 'Enter')
const textOf = ({ rows }: ScreenMessage) => rows.map((runs) => runs.map(([text]) => text).join('')).join('\n')

async function watch(
  keys: string[],
  isSlow = false,
): Promise<{ client: LiveClient; screens: ScreenMessage[] }> {
  const client = await connectLive(dashboard, await dashboard.signIn('viewer'))
  const screens: ScreenMessage[] = []
  client.socket.on('screens', (message: ScreensMessage, taken: () => void) => {
    screens.push(...message.screens)
    if (!isSlow) taken()
  })
  await client.ask('screens:watch', { sessions: keys })
  return { client, screens }
}

const shows = (screens: ScreenMessage[], text: string) =>
  waitFor(async () => screens.findLast((screen) => textOf(screen).includes(text)), `a screen with "${text}"`)

test('a watched screen comes at once and again whenever it changes, with its colours', async () => {
  const [a] = panes as [PaneRef, PaneRef]
  await type(a, "printf '\\033[1;32mgreen\\033[0m <b>bold</b>\\n'; echo on''ce")
  const { client, screens } = await watch([keyOf(a)])

  const screen = await shows(screens, 'once')
  await type(a, 'echo mo""re')
  await shows(screens, 'more')
  await client[Symbol.asyncDispose]()

  const runs = screen.rows.flat()
  expect(screen).toMatchObject({ session: keyOf(a), columns: 60 })
  expect(runs).toContainEqual(['green', 'f2 bo'])
  expect(runs.some(([text, classes]) => text.includes('<b>bold</b>') && classes === '')).toBe(true)
})

test('what nobody watches is not sent, and who stops gets nothing more', async () => {
  const [a, b] = panes as [PaneRef, PaneRef]
  const watching = await watch([keyOf(a)])
  const stopped = await watch([keyOf(a)])
  await shows(stopped.screens, 'once')
  await stopped.client.ask('screens:watch', { sessions: [] })
  const before = stopped.screens.length

  await type(b, 'echo un""seen')
  await type(a, 'echo se""en')
  await shows(watching.screens, 'seen')

  expect(watching.screens.every(({ session }) => session === keyOf(a))).toBe(true)
  expect(stopped.screens).toHaveLength(before)
  await watching.client[Symbol.asyncDispose]()
})

test('a browser that takes nothing has one message under way, however much changes', async () => {
  const [a] = panes as [PaneRef, PaneRef]
  const slow = await watch([keyOf(a)], true)
  const quick = await watch([keyOf(a)])
  await shows(slow.screens, 'once')

  for (const word of ['uno', 'due', 'tre']) {
    await type(a, `echo ${word}""`)
    await shows(quick.screens, `\n${word}`)
  }

  expect(slow.screens).toHaveLength(1)
})

test('a browser that stops and starts to watch, and takes nothing, still has one message under way', async () => {
  const [a] = panes as [PaneRef, PaneRef]
  const slow = await watch([keyOf(a)], true)
  await waitFor(async () => slow.screens.length === 1, 'the first screen')

  for (let count = 0; count < 50; count += 1) {
    slow.client.socket.emit('screens:watch', { sessions: [] })
    slow.client.socket.emit('screens:watch', { sessions: [keyOf(a)] })
  }
  await slow.client.ask('screens:watch', { sessions: [keyOf(a)] })

  expect(slow.screens).toHaveLength(1)
})
