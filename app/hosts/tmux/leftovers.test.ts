import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { attachClient } from '../../testing/attached-client.ts'
import { openRecorder } from '../../testing/recorder.ts'
import { openHost, startTmux, type TmuxFixture } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'

describe('what a host leaves behind', () => {
  test("nothing but pane options, and no window of a person's changes its size", async () => {
    await using server = await startTmux()
    const { pane } = await openRecorder(server, 'a')
    await using _client = await attachClient(server, 'a', { width: 83, height: 21 })
    const before = await waitFor(async () => {
      const state = await stateOf(server)
      return state.includes('a 83x20') && state
    }, 'the size of the client')

    await using host = openHost(server)
    await host.sweep(() => true)
    const look = await host.look(pane, ['ready'])
    await host.paste(look, 'x'.repeat(20_000), 'm1')
    await host.paste(look, 'refused '.repeat(4000), 'm2')
    await host.press(await host.look(pane), ['Escape'], 'm3')
    await host.history(pane, 100)
    const during = await stateOf(server)
    await host[Symbol.asyncDispose]()

    expect(during).toBe(before)
    expect(await stateOf(server)).toBe(before)
    expect(await server.run('list-sessions', '-F', '#{session_name}')).toBe('a\n')
    expect(await server.run('list-clients', '-F', '#{client_control_mode}')).toBe('0\n')
    expect(await server.run('show-options', '-p', '-t', pane.paneId)).toBe('@architect m3\n')
  })

  test("the last session of the user's ends the server although a host is connected", async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    await server.open({ name: 'a' })
    await host.list()

    // The server may be gone before it has answered.
    await server.run('kill-session', '-t', '=a').catch(() => '')

    await waitFor(
      () =>
        server.run('list-sessions').then(
          () => false,
          () => true,
        ),
      'the end of the server',
    )
    // The first question may still meet the connection that is ending.
    await host.list().catch(() => [])
    await expect(host.list()).rejects.toThrow(/No tmux server is running/)
  })

  test('leftovers of a process that was killed are cleared, those of a living one stay', async () => {
    await using server = await startTmux()
    await server.open({ name: 'a' })
    const dead = '_architect-4194305-1-abcdef'
    await server.run('new-session', '-d', '-s', dead, 'cat')
    await server.run('set-buffer', '-b', dead, 'text')
    await server.run('set-buffer', '-b', 'mine', 'text')
    await using first = openHost(server)
    await first.list()

    await using second = openHost(server)
    await second.list()

    const sessions = await server.run('list-sessions', '-F', '#{session_name}')
    expect(sessions.match(new RegExp(`_architect-${process.pid}-`, 'g'))).toHaveLength(2)
    expect(sessions).not.toContain(dead)
    expect(await server.run('list-buffers', '-F', '#{buffer_name}')).toBe('mine\n')
  })

  // Releases of tmux differ in which session they move a person to: the oldest, or the most recent.
  test.each(['older', 'newer'])(
    "a person whose session ended is moved to one of theirs, not into the host's %s one",
    async (age) => {
      await using server = await startTmux('set -g detach-on-destroy off')
      await using host = openHost(server)
      await server.open({ name: age === 'older' ? 'ended' : 'kept' })
      if (age === 'older') await host.list()
      await sleep(1100) // activity has a grain of a second
      await server.open({ name: age === 'older' ? 'kept' : 'ended' })
      await using _client = await attachClient(server, 'ended', { width: 80, height: 24 })
      await sleep(1100)
      await host.list()

      await server.run('kill-session', '-t', '=ended')

      const person = await waitFor(async () => {
        const clients = await server.run('list-clients', '-F', '#{client_control_mode} #{client_session}')
        return /^0 (?!_).*$/m.exec(clients)?.[0]
      }, 'the client in a session that is not ours')
      expect(person).toBe('0 kept')
    },
  )
})

async function stateOf(server: TmuxFixture): Promise<string> {
  const windows = await server.run(
    'list-windows',
    '-a',
    '-f',
    '#{!=:#{window_name},_architect}',
    '-F',
    '#{session_name} #{window_width}x#{window_height} #{window_linked_sessions}',
  )
  const parts = [
    ['show-options', '-g'],
    ['show-options', '-s'],
    ['show-hooks', '-g'],
    ['list-buffers'],
    ['show-options', '-t', '=a:'],
    ['show-environment', '-g'],
  ]
  const rest = await Promise.all(parts.map((args) => server.run(...args)))
  return [windows, ...rest].join('\n---\n')
}
