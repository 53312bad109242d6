import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { personLeaseMs } from '../../broker/keyboard.ts'
import { systemClock } from '../../core/clock.ts'
import { takePaneLease, readPaneLease } from '../../db/leases.ts'
import { eventsAfter } from '../../db/events.ts'
import { attachClient } from '../../testing/attached-client.ts'
import { startDashboard, type TestDashboard } from '../../testing/dashboard.ts'
import { connectLive, type LiveClient } from '../../testing/live-client.ts'
import { watchTerminal } from '../../testing/live-terminal.ts'
import { waitFor } from '../../testing/wait-for.ts'
import type { PaneRef } from '../../core/host.ts'

let dashboard: TestDashboard
let pane: PaneRef
let key: string
let skippedMs = 0
beforeEach(async () => {
  skippedMs = 0
  dashboard = await startDashboard({ clock: { ...systemClock, now: () => Date.now() + skippedMs } })
  pane = await dashboard.server.open({ name: 'work', command: ['bash', '--norc'] })
  key = `test/${pane.server}/${pane.paneId}`
})
afterEach(() => dashboard[Symbol.asyncDispose]())

interface Refusal {
  error: { code: string }
}

const watch = (role: 'viewer' | 'operator' = 'operator') => watchTerminal(dashboard, role, key)

/** What the browser's machine reads from. */
const networkOf = ({ socket }: LiveClient) =>
  (socket.io.engine.transport as unknown as { ws: { _socket: Socket } }).ws._socket

const run = (...args: string[]) => dashboard.server.run(...args)
const onScreen = () => run('capture-pane', '-p', '-t', pane.paneId)
const attached = async () =>
  (await run('list-clients', '-F', '#{client_control_mode}')).split('\n').filter((mode) => mode === '0')
    .length
const leaseOf = () => readPaneLease(dashboard.web.database.kysely, key)

describe('looking', () => {
  test('a browser sees the session at its size, and what comes', async () => {
    const screen = await watch('viewer')

    await run('send-keys', '-t', pane.paneId, 'echo he""llo', 'Enter')

    expect(await screen.shows('hello')).toBe(true)
    expect(screen.opened).toEqual({
      terminal: 1,
      session: key,
      name: 'work',
      columns: 100,
      rows: 30,
      mode: 'view',
      typing: null,
      away: null,
    })
  })

  test('several browsers share one client of tmux, late ones see everything, and the last one ends it', async () => {
    const first = await watch('viewer')
    await run('send-keys', '-t', pane.paneId, 'echo he""llo', 'Enter')
    await first.shows('hello')

    const late = await watch('viewer')
    await late.shows('hello')
    const shared = await attached()
    await first.client.ask('terminal:close', { terminal: 1 })
    await late.client[Symbol.asyncDispose]()

    expect(shared).toBe(1)
    expect(late.text).toContain('\u001b[?1049h')
    expect(await waitFor(async () => (await attached()) === 0, 'the end of the client')).toBe(true)
  })

  test('who asks for the scrollback again and again without taking it is told to wait', async () => {
    await run('send-keys', '-t', pane.paneId, 'seq -f "%0900.0f" 2000; echo en""d', 'Enter')
    const screen = await watch('viewer')
    await screen.shows('end')
    const network = networkOf(screen.client)

    network.pause()
    const answers: Promise<{ text: string } | Refusal>[] = []
    for (let count = 0; count < 150; count += 1) {
      answers.push(screen.client.ask('terminal:history', { terminal: 1, lines: 10_000 }))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    network.resume()

    const texts = (await Promise.all(answers)).filter((answer) => 'text' in answer)
    expect(texts.length).toBeGreaterThan(0)
    expect(texts.length).toBeLessThan(100)
  })

  test('a viewer cannot type, whatever it sends', async () => {
    const screen = await watch('viewer')

    const answers = [
      await screen.type('echo ty""ped\r'),
      await screen.client.ask('terminal:fit', { terminal: 1, size: { columns: 50, rows: 20 } }),
      await screen.client.ask('terminal:release', { terminal: 1 }),
    ]

    expect(answers.map((answer) => (answer as Refusal).error.code)).toEqual([
      'forbidden',
      'forbidden',
      'forbidden',
    ])
    expect(await onScreen()).not.toContain('typed')
    expect(await leaseOf()).toBeNull()
  })

  test('a terminal of somebody else, or of nothing, is not there', async () => {
    await watch()
    await using other = await connectLive(dashboard, await dashboard.signIn('operator'))

    const keys = await other.ask('terminal:keys', { terminal: 1, keys: 'x' })
    const nothing = await other.ask('terminal:open', { terminal: 2, session: 'test/nothing/%0' })

    expect([keys, nothing].map((answer) => (answer as Refusal).error.code)).toEqual([
      'not_found',
      'not_found',
    ])
  })

  test('the scrollback can be read', async () => {
    const screen = await watch('viewer')
    await run('send-keys', '-t', pane.paneId, 'seq 1 200; echo do""ne', 'Enter')
    await screen.shows('done')

    const { text } = await screen.client.ask<{ text: string }>('terminal:history', {
      terminal: 1,
      lines: 150,
    })

    expect(text).toContain('\n100\n101\n')
  })

  test('a session that ends is told', async () => {
    const screen = await watch('viewer')
    await dashboard.server.open({ name: 'other' })

    await run('kill-session', '-t', '=work')

    await waitFor(async () => screen.end !== null, 'the end')
    expect(screen.end).toContain('ended')
  })
})

describe('sizes', () => {
  test('no browser resizes what a person sees, unless it is asked to', async () => {
    await using _person = await attachClient(dashboard.server, 'work', { width: 120, height: 40 })
    const size = async () =>
      (await run('display-message', '-p', '-t', '=work:', '#{window_width}x#{window_height}')).trim()
    await waitFor(async () => (await size()) === '120x39', 'the size of the person')
    const screen = await watch()
    await screen.type('x')
    const before = await size()

    await screen.client.ask('terminal:fit', { terminal: 1, size: { columns: 60, rows: 20 } })
    await waitFor(async () => (await size()) === '60x20', 'the size of the browser')
    await screen.client[Symbol.asyncDispose]()

    expect(before).toBe('120x39')
    expect(await waitFor(async () => (await size()) === '120x39', 'the size of the person')).toBe(true)
  })
})

describe('typing', () => {
  test('keys arrive in their order and take the lease of the pane from an assigner', async () => {
    const { database } = dashboard.web
    await database.write((db) => takePaneLease(db, key, 'assigner', Date.now() + 60_000, Date.now()))
    const screen = await watch()

    await Promise.all('echo ty""ped\r'.split('').map((character) => screen.type(character)))
    await screen.shows('typed')

    expect(await leaseOf()).toMatchObject({ owner: expect.stringMatching(/^person-/), epoch: 2 })
    expect(screen.state).toMatchObject({ mode: 'type', typing: { by: ['test-operator'] } })
  })

  test('a step that an assigner prepared before is refused by tmux, not by good manners', async () => {
    const { host } = dashboard.web
    const look = await host.look(pane)
    const screen = await watch()

    await screen.type('\u0001')
    const after = await host.look(pane)
    const late = await host.paste({ ...look, cursor: after.cursor }, 'late', 'typed.t.0.1')

    expect(late).toBe('refused')
    expect(after.marker).toBe('person..0.1')
    expect(await onScreen()).not.toContain('late')
  })

  test('the marker of an attempt under way stays readable under the new epoch', async () => {
    const { host } = dashboard.web
    await host.mark(await host.look(pane), 'typed.token.0.1')
    const screen = await watch()

    await screen.type('x')

    expect((await host.look(pane)).marker).toBe('typed.token.0.1')
    const { database } = dashboard.web
    await database.write((db) => takePaneLease(db, key, 'assigner', Date.now() + 60_000, Date.now(), true))
    await screen.client.ask('terminal:release', { terminal: 1 })
    await screen.type('y')
    expect((await host.look(pane)).marker).toBe('typed.token.0.3')
  })

  test('given back, the session is free at once, its typist looks on, and both are in the log', async () => {
    const screen = await watch()
    await screen.type('x')

    await screen.client.ask('terminal:release', { terminal: 1 })
    await waitFor(
      async () => screen.state.mode === 'view' && screen.state.typing === null,
      'the end of typing',
    )

    const { kysely } = dashboard.web.database
    expect((await leaseOf())?.until).toBe(0)
    expect(await waitFor(async () => (await attached()) === 1, 'one client')).toBe(true)
    const events = await eventsAfter(kysely, 0, { limit: 100, noun: 'session', nounId: key })
    expect(events.map(({ type, actor }) => [type, actor?.name])).toEqual([
      ['keyboard_taken', 'test-operator'],
      ['keyboard_released', 'test-operator'],
    ])
  })

  test('it goes back by itself some time after the last key, not before', async () => {
    const screen = await watch()
    await screen.type('x')
    skippedMs = 29_000
    await new Promise((resolve) => setTimeout(resolve, 700))
    const stillHeld = screen.state.typing

    skippedMs = personLeaseMs
    await waitFor(async () => screen.state.typing === null, 'the end of typing')

    expect(stillHeld).toMatchObject({ by: ['test-operator'] })
    expect((await leaseOf())?.until).toBe(0)
  })

  test('a key in the moment of giving back holds the session again', async () => {
    const screen = await watch()
    await screen.type('a')

    const release = screen.client.ask('terminal:release', { terminal: 1 })
    await Promise.all([release, screen.type('b'), screen.type('c')])
    await waitFor(async () => (await onScreen()).includes('abc'), 'all keys')

    expect((await leaseOf())?.until).toBeGreaterThan(Date.now())
    expect(screen.state.typing).toMatchObject({ by: ['test-operator'] })
  })

  test('a person who looks and types leaves no trace of a typist when done', async () => {
    const screen = await watch()
    await screen.type('x')
    await screen.client[Symbol.asyncDispose]()

    await waitFor(async () => (await attached()) === 0, 'the end of the clients')

    const [listed] = await dashboard.web.host.list()
    expect(listed?.typedAt).toBeNull()
  })
})

describe('limits', () => {
  test('one client opens so many terminals and no more, however fast it asks', async () => {
    await using client = await connectLive(dashboard, await dashboard.signIn('viewer'))
    const open = (terminal: number) =>
      client.ask<Partial<Refusal>>('terminal:open', { terminal, session: key })

    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => open(index)))
    const again = await Promise.all([open(0), open(0)])

    expect(answers.filter(({ error }) => !error)).toHaveLength(8)
    expect(again.every(({ error }) => error)).toBe(true)
    await waitFor(async () => (await attached()) === 1, 'the one client of tmux')
  })

  test('terminals that are opened and closed without end are refused for a while', async () => {
    await using client = await connectLive(dashboard, await dashboard.signIn('viewer'))
    const codes = []

    for (let count = 0; count < 25; count += 1) {
      const answer = await client.ask<Partial<Refusal>>('terminal:open', { terminal: 1, session: key })
      codes.push(answer.error?.code)
      await client.ask('terminal:close', { terminal: 1 })
    }

    expect(codes.slice(0, 20)).toEqual(Array(20).fill(undefined))
    expect(codes.slice(20)).toEqual(Array(5).fill('limited'))
  })
})

describe('floods', () => {
  test('a browser that takes nothing is cut short, hurts nobody, and sees the end when it wakes', async () => {
    const quick = await watch('viewer')
    const asleep = await watch('viewer')
    await asleep.shows('bash')
    asleep.acknowledges = false
    await run('send-keys', '-t', pane.paneId, 'yes "$(seq -s. 40)"', 'Enter')

    await waitFor(async () => asleep.text.length > 256 * 1024, 'what it gets at most')
    const taken = asleep.text.length
    const [seen, resets] = [quick.text.length, asleep.resets]
    await waitFor(async () => quick.text.length > seen + 64 * 1024, 'more for the quick one')
    const takenLater = asleep.text.length
    await run('send-keys', '-t', pane.paneId, 'C-c')
    // What is typed while the shell takes the terminal back may be lost.
    const saysDone = async () => {
      await run('send-keys', '-t', pane.paneId, 'clear; echo do""ne', 'Enter')
      return waitFor(async () => quick.text.includes('done'), 'the end at the quick one', 2_000).catch(
        () => false,
      )
    }
    await waitFor(saysDone, 'the end of the flood')
    asleep.acknowledges = true
    asleep.client.socket.emit('terminal:ack', { terminal: 1, characters: taken })
    await asleep.shows('done')

    expect(takenLater - taken).toBeLessThan(256 * 1024)
    expect(asleep.resets - resets).toBe(1)
  })
})
