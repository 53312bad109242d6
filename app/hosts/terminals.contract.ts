import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, describe, beforeEach, afterEach } from 'vitest'
import { attachClient } from '../testing/attached-client.ts'
import type { TmuxFixture } from '../testing/tmux.ts'
import { waitFor } from '../testing/wait-for.ts'
import type { AttachedTerminal, TerminalHost } from '../core/terminal.ts'
import type { PaneRef, SessionHost } from '../core/host.ts'

/** Terminals on the sessions of one tmux, however far that is. */
export interface TerminalWorld extends AsyncDisposable {
  host: TerminalHost & Pick<SessionHost, 'look' | 'list'>
  server: TmuxFixture
}

/** What every `TerminalHost` does, whatever is behind it. */
export function describeTerminals(name: string, start: () => Promise<TerminalWorld>): void {
  describe(`${name} terminals`, () => {
    let world: TerminalWorld
    let server: TmuxFixture
    let host: TerminalWorld['host']
    let pane: PaneRef
    beforeEach(async () => {
      world = await start()
      ;({ host, server } = world)
      pane = await server.open({ name: 'a', command: ['bash', '--norc'] })
      // Who has just looked for a tmux that did not run yet looks again a moment later.
      await waitFor(async () => (await host.list().catch(() => [])).length > 0, 'the pane')
    })
    afterEach(() => world[Symbol.asyncDispose]())

    const windowSize = async () =>
      (await server.run('display-message', '-p', '-t', '=a:', '#{window_width}x#{window_height}')).trim()
    const screen = () => server.run('capture-pane', '-p', '-t', pane.paneId)
    const clients = async () => (await server.run('list-clients', '-F', '#{client_pid}')).split('\n')

    test('a viewer sees the screen at the size of the window, and its keys go nowhere', async () => {
      await using terminal = await host.attach(pane, 'view')
      const output = outputOf(terminal)
      await server.run('send-keys', '-t', pane.paneId, 'echo se""en', 'Enter')

      await waitFor(async () => output.text.includes('seen'), 'the output')
      terminal.write('echo ty""ped\r')
      await server.run('send-keys', '-t', pane.paneId, 'echo la""ter', 'Enter')
      await waitFor(async () => output.text.includes('later'), 'the later output')

      expect(terminal.size).toEqual({ columns: 100, rows: 30 })
      expect(await screen()).not.toContain('typed')
    })

    test('keys of one who types arrive', async () => {
      await using terminal = await host.attach(pane, 'type')
      const output = outputOf(terminal)

      await waitFor(async () => output.text.includes('bash'), 'the first screen')
      terminal.write('echo ty""ped\r')

      const arrived = await waitFor(async () => (await screen()).includes('\ntyped'), 'what was typed')
      expect(arrived).toBe(true)
    })

    test('keys arrive as they are, also those that come before the client has attached', async () => {
      const takes = 'stty raw -echo; echo ready; head -c 4 > got; cat'
      const options = { name: 'reader', command: ['sh', '-c', takes], dir: server.folder }
      const reader = await server.open(options)
      await waitFor(
        async () => (await server.run('capture-pane', '-p', '-t', reader.paneId)).includes('ready'),
        'the program',
      )

      await using terminal = await host.attach(reader, 'type')
      terminal.write('\r\u0003')
      terminal.write('\u0004\u001b')
      const got = await waitFor(async () => {
        const bytes = await readFile(join(server.folder, 'got'), 'latin1')
        return bytes.length === 4 && bytes
      }, 'the keys')

      expect(got).toBe('\r\u0003\u0004\u001b')
    })

    test('a terminal of another size changes no window, before, while and after somebody is attached', async () => {
      await using terminal = await host.attach(pane, 'type')
      outputOf(terminal)
      const sizes: string[] = []
      const person = await attachClient(server, 'a', { width: 120, height: 40 })
      await waitFor(async () => (await windowSize()) === '120x39', 'the size of the person')

      terminal.write(' ')
      await person[Symbol.asyncDispose]()
      await waitFor(async () => (await clients()).filter(Boolean).length === 2, 'the end of the person')
      sizes.push(await windowSize())
      const followed = await terminal.followWindow()
      sizes.push(await windowSize())

      expect(sizes).toEqual(['120x39', '120x39'])
      expect(followed).toBe(true)
      expect(terminal.size).toEqual({ columns: 120, rows: 39 })
    })

    test('only a terminal that is fitted makes the window its own, until it gives that up', async () => {
      await using terminal = await host.attach(pane, 'view')
      outputOf(terminal)
      await using _person = await attachClient(server, 'a', { width: 120, height: 40 })
      await waitFor(async () => (await windowSize()) === '120x39', 'the size of the person')

      await terminal.fit({ columns: 70, rows: 20 })
      await waitFor(async () => (await windowSize()) === '70x20', 'the size of the terminal')
      await terminal.fit(null)

      await waitFor(async () => (await windowSize()) === '120x39', 'the size of the person')
      await waitFor(async () => await terminal.followWindow(), 'the size of the window')
      expect(terminal.size).toEqual({ columns: 120, rows: 39 })
    })

    test('a redraw shows everything again', async () => {
      await using terminal = await host.attach(pane, 'view')
      const output = outputOf(terminal)
      await server.run('send-keys', '-t', pane.paneId, 'echo se""en', 'Enter')
      await waitFor(async () => output.text.includes('seen'), 'the output')
      output.text = ''

      await terminal.redraw()

      const again = await waitFor(async () => output.text.includes('seen'), 'the same output')
      expect(again).toBe(true)
    })

    test('a paused terminal does not hold up what floods it, and shows the end after it', async () => {
      await using terminal = await host.attach(pane, 'view')
      const output = outputOf(terminal)
      await waitFor(async () => output.text !== '', 'the first screen')
      terminal.pause()
      output.text = ''

      await server.run('send-keys', '-t', pane.paneId, 'seq 1 300000; echo do""ne', 'Enter')
      await waitFor(async () => (await screen()).includes('\ndone'), 'the end of the flood')
      terminal.resume()

      await waitFor(async () => output.text.includes('done'), 'the last screen')
      expect(output.text.length).toBeLessThan(500_000)
    })

    test('it ends with its session, and a disposed one leaves no client behind', async () => {
      const terminal = await host.attach(pane, 'view')
      outputOf(terminal)
      const other = await server.open({ name: 'b' })
      await using ending = await host.attach(other, 'view')
      outputOf(ending)
      await waitFor(async () => (await clients()).includes(String(ending.pid)), 'the client')

      await server.run('kill-session', '-t', '=b')
      await ending.ended
      await terminal[Symbol.asyncDispose]()

      await waitFor(async () => !(await clients()).includes(String(terminal.pid)), 'the end of the client')
      expect(await server.run('list-sessions', '-F', '#{session_name}')).toContain('a\n')
    })

    test('a pane that is gone cannot be attached to', async () => {
      const gone = { ...pane, paneId: '%99' }

      await expect(host.attach(gone, 'view')).rejects.toMatchObject({ code: 'not_found' })
    })

    test('it shows the window of its pane and types into it, and what a person looks at stays', async () => {
      await server.run('new-window', '-t', '=a:')
      const beside = (
        await server.run('split-window', '-d', '-P', '-F', '#{pane_id}', '-t', pane.paneId, 'cat')
      ).trim()
      await using _person = await attachClient(server, 'a', { width: 120, height: 40 })
      const where = '#{window_index} #{window_zoomed_flag}'
      const looking = () => server.run('display-message', '-p', '-t', '=a:', where)
      const active = () => server.run('list-panes', '-t', pane.paneId, '-F', '#{pane_id} #{pane_active}')
      const before = [await looking(), await active()]
      await using terminal = await host.attach({ ...pane, paneId: beside }, 'type')
      const output = outputOf(terminal)
      await waitFor(async () => output.text.includes('bash'), 'the other pane of the window')

      terminal.write('into the second\r')
      const typed = async () =>
        (await server.run('capture-pane', '-p', '-t', beside)).includes('into the second')
      const arrived = await waitFor(typed, 'the keys in the own pane')

      expect(arrived).toBe(true)
      expect(await screen()).not.toContain('into the second')
      expect([await looking(), await active()]).toEqual(before)
      expect((await host.look({ ...pane, paneId: beside })).address).toBe('a:0.1')
    })

    test('a pane under a zoomed one is not shown, and stays covered', async () => {
      const beside = (
        await server.run('split-window', '-P', '-F', '#{pane_id}', '-t', pane.paneId, 'cat')
      ).trim()
      await server.run('resize-pane', '-Z', '-t', beside)

      const refusal = await host.attach(pane, 'view').catch((error: unknown) => error)
      await using shown = await host.attach({ ...pane, paneId: beside }, 'view')
      const output = outputOf(shown)
      await waitFor(async () => output.text !== '', 'the first screen')

      expect(refusal).toMatchObject({ code: 'conflict' })
      expect((await server.run('display-message', '-p', '-t', beside, '#{window_zoomed_flag}')).trim()).toBe(
        '1',
      )
    })

    test('whoever ends the session ends its agent, although a browser looks on', async () => {
      await server.open({ name: 'b' })
      const { pid } = await host.look(pane)
      await using terminal = await host.attach(pane, 'view')
      outputOf(terminal)
      await waitFor(async () => (await clients()).includes(String(terminal.pid)), 'the client')

      await server.run('kill-session', '-t', '=a')
      await terminal.ended

      const isGone = async () =>
        !(await server.run('list-panes', '-a', '-F', '#{pane_pid}')).includes(String(pid))
      expect(await waitFor(isGone, 'the end of its program')).toBe(true)
      expect((await host.list()).map(({ sessionName }) => sessionName)).toEqual(['b'])
    })
  })
}

function outputOf(terminal: AttachedTerminal): { text: string } {
  const output = { text: '' }
  terminal.onOutput((text) => (output.text += text))
  return output
}
