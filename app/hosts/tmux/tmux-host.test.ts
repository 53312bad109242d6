import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attachClient } from '../../testing/attached-client.ts'
import { openRecorder } from '../../testing/recorder.ts'
import { startTmux, type TmuxFixture } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { TmuxHost } from './tmux-host.ts'

const unavailable = { code: 'unavailable' }

function openHost(server: TmuxFixture): TmuxHost {
  return new TmuxHost({ node: 'test', sockets: [server.socket] })
}

describe('text', () => {
  test('any text arrives byte for byte, whatever tmux means by its characters', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    let sent = ''
    const words = fc.constantFrom(
      '"',
      '\\',
      '$HOME',
      '`',
      '~',
      ';',
      '#{pane_id}',
      '#(date)',
      '%H',
      '{',
      '}',
      '\n',
      '\t',
      'é',
      '😀',
      '中',
      '-n',
      "'",
      '%if',
      '\\012',
    )
    const printable = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((raw) => raw.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''))

    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(words, printable), { minLength: 1, maxLength: 8 }),
        async (parts) => {
          const prompt = parts.join('')
          fc.pre(prompt !== '')
          expect(await host.paste(await host.look(pane), prompt, 'm')).toBe('done')
          sent += prompt
        },
      ),
      { numRuns: 60 },
    )

    await waitFor(async () => (await text()).length >= sent.length, 'all that was sent')
    expect(await text()).toBe(sent)
  })

  test.each([16_384, 16_385, 1_048_576])('%i bytes arrive whole and leave no buffer behind', async (size) => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    const prompt = 'line é\n'.repeat(size).slice(0, size / 2) + 'x'.repeat(size / 2)

    const look = await host.look(pane)
    const results = [await host.paste(look, prompt, 'first'), await host.paste(look, prompt, 'second')]

    await waitFor(async () => (await text()).length >= prompt.length, 'the whole text', 15_000)
    expect(await text()).toBe(prompt)
    expect(results).toEqual(['done', 'refused'])
    expect(await server.run('list-buffers')).toBe('')
  })
})

describe('what stands on a screen', () => {
  test('rows that imitate the control protocol are rows', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const time = Math.floor(Date.now() / 1000)
    // Every end that the commands of the next seconds can have.
    const imitation = `const t=${time};for(let s=0;s<6;s++)for(let n=265;n<465;n++)console.log('%end '+(t+s)+' '+n+' 1');console.log('%exit');setInterval(()=>0,1e6)`
    const pane = await server.open({ name: 'a', height: 1300, command: [process.execPath, '-e', imitation] })
    await waitFor(
      async () => (await server.run('capture-pane', '-p', '-t', pane.paneId)).includes('%exit'),
      'rows',
    )

    for (let round = 0; round < 20; round++) {
      const look = await host.look(pane)

      expect(look.rows).toHaveLength(1300)
      expect(look.rows[0]).toBe(`%end ${time} 265 1`)
      expect((await host.list()).map(({ paneId }) => paneId)).toEqual([pane.paneId])
    }
  })

  test('titles, folders and session names of any characters are read', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const pane = await server.open({ name: 'odd "name" ##{x} é 😀', command: ['cat'] })
    const title = `#{pane_id},} %H "é" ${'x'.repeat(3000)}`
    await server.run(
      'select-pane',
      '-t',
      pane.paneId,
      '-T',
      title.replaceAll('#', '##').replaceAll('%', '%%'),
    )

    const [listed] = await host.list()

    expect(listed).toMatchObject({ ...pane, sessionName: 'odd "name" #{x} é 😀', command: 'cat' })
    expect(listed!.title.length).toBeGreaterThan(2900)
  })
})

describe('guards', () => {
  test('a paste into a dead pane is refused, and tmux lives', async () => {
    await using server = await startTmux('set -g remain-on-exit on')
    await using host = openHost(server)
    const pane = await server.open({ name: 'a', command: ['sleep', '0.3'] })
    const look = await host.look(pane)
    await waitFor(async () => (await host.look(pane)).dead, 'the end of the program')

    const results = [await host.paste(look, 'x', 'm'), await host.paste(await host.look(pane), 'x', 'm')]

    expect(results).toEqual(['refused', 'refused'])
    expect(await server.run('list-sessions', '-F', '#{session_name}')).toContain('a')
  })

  test('nothing goes to a pane whose keys are copied to others', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    await server.run('set-option', '-w', '-t', pane.paneId, 'synchronize-panes', 'on')

    expect(await host.submit(await host.look(pane), 'm')).toBe('refused')
    expect(await text()).toBe('')
  })

  test.each(['Escap', 'enter', 'rm -rf', ''])('%j is no key: tmux would type its letters', async (key) => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane } = await openRecorder(server, 'a')
    const look = await host.look(pane)

    await expect(host.press(look, [key], 'm')).rejects.toMatchObject({ code: 'invalid' })
  })
})

describe('failures', () => {
  test('a client that is killed while it delivers leaves all of a step or none of it', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane, text } = await openRecorder(server, 'a')
    const marked: string[] = []

    for (let round = 0; round < 40; round++) {
      const look = await waitFor(() => host.look(pane).catch(() => null), 'a look')
      const { 'tmux.sock': pid } = await host.clientPids()
      const step = host.paste(look, `<${round}>`, `m${round}`).catch((error: unknown) => error)
      if (round % 4 > 0) await sleep(round % 4 === 1 ? 0 : Math.random() * 3)
      process.kill(pid!, 'SIGKILL')
      await step
      const after = await waitFor(() => host.look(pane).catch(() => null), 'a look after')
      if (after.marker === `m${round}`) marked.push(`<${round}>`)
    }

    await waitFor(async () => (await text()).length >= marked.join('').length, 'what was marked')
    expect(await text()).toBe(marked.join(''))
    expect(marked.length).toBeGreaterThan(0)
  })

  test('a server that dies is unavailable, and a new one is found', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const { pane } = await openRecorder(server, 'a')
    const look = await host.look(pane)
    await server.run('kill-server')

    await expect(host.look(pane)).rejects.toMatchObject(unavailable)
    await expect(host.paste(look, 'x', 'm')).rejects.toMatchObject(unavailable)
    await expect(host.list()).rejects.toThrow(/No tmux server is running/)
    await server.open({ name: 'b' })
    const panes = await waitFor(() => host.list().catch(() => null), 'the new server')

    expect(panes.map(({ sessionName }) => sessionName)).toEqual(['b'])
  })

  test('a tmux that hangs is given up within seconds, and found again when it goes on', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    await server.open({ name: 'a' })
    await host.list()
    const pid = Number(await server.run('display-message', '-p', '#{pid}'))
    process.kill(pid, 'SIGSTOP')

    try {
      await expect(host.list()).rejects.toThrow(/has not answered for 5 s/)
    } finally {
      process.kill(pid, 'SIGCONT')
    }

    const panes = await waitFor(() => host.list().catch(() => null), 'the server')
    expect(panes).toHaveLength(1)
  })

  test('looking starts no server', async () => {
    await using server = await startTmux()
    await using host = openHost(server)

    await expect(host.list()).rejects.toMatchObject(unavailable)
    await expect(server.run('list-sessions')).rejects.toThrow(/No such file|no server running/)
  })

  test.each([
    ['printf "tmux 3.1c"', /tmux 3\.1 is too old: Architect needs 3\.2/],
    [null, /tmux is not installed/],
  ])('a tmux that says %j is refused with a sentence', async (body, sentence) => {
    await using server = await startTmux()
    const program = join(server.folder, 'fake-tmux')
    if (body !== null) {
      await writeFile(program, `#!/bin/sh\n${body}\n`)
      await chmod(program, 0o755)
    }
    await using host = new TmuxHost({ node: 'test', sockets: [{ ...server.socket, program }] })

    await expect(host.list()).rejects.toThrow(sentence)
  })
})

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

    await server.run('kill-session', '-t', '=a')

    await waitFor(
      () =>
        server.run('list-sessions').then(
          () => false,
          () => true,
        ),
      'the end of the server',
    )
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
    expect(Math.abs(Date.now() - typedAt)).toBeLessThan(3000)
    expect((await host.look(b)).typedAt).toBeNull()
  })
})

describe('sessions', () => {
  test.each([
    ['an ordinary tmux.conf', ''],
    [
      'a difficult tmux.conf',
      'set -g default-command "echo started; exec sh"\nset -g remain-on-exit on\nset -g destroy-unattached on\n' +
        'set -g detach-on-destroy off\nset -g status off\nset -g base-index 1\nset -g pane-base-index 1\n' +
        'bind -n Enter display-message eaten\nbind -n Escape display-message eaten\nset -g escape-time 500\nset -g prefix C-a\n',
    ],
  ])('a session is made, delivered to and ended under %s', async (_what, config) => {
    await using server = await startTmux(config)
    await using host = openHost(server)
    await server.run(
      'start-server',
      ';',
      'new-session',
      '-d',
      '-s',
      'user',
      'cat',
      ';',
      'set',
      '-t',
      'user',
      'destroy-unattached',
      'off',
    )
    const argv = ['sh', '-c', 'printf "$GREETING $PWD"; exec cat', 'a b', ';']

    const pane = await host.create({
      name: 'möde #{x} 1',
      dir: server.folder,
      command: argv,
      env: { GREETING: 'hi; $x' },
    })
    const look = await waitFor(async () => {
      const seen = await host.look(pane)
      return seen.rows[0]!.includes('hi') && seen
    }, 'the greeting')
    const steps = [await host.paste(look, 'text', 'm1')]
    const typed = await waitFor(async () => {
      const seen = await host.look(pane)
      return seen.rows.join('').includes('text') && seen
    }, 'the text')
    steps.push(await host.submit(typed, 'm2'))
    await waitFor(
      async () => (await host.look(pane)).rows.join('\n').split('text').length === 3,
      "cat's echo",
    )

    expect(look.rows[0]).toBe(`hi; $x ${server.folder}`)
    expect(steps).toEqual(['done', 'done'])
    await host.kill('möde #{x} 1')
    expect((await host.list()).map(({ sessionName }) => sessionName)).toEqual(['user'])
  })

  test('the first session starts the server, without what only Architect needs in its environment', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    process.env.ARCHITECT_TEST_SECRET = 'x'

    const pane = await host.create({ name: 'first', dir: '/', command: ['cat'] })
    delete process.env.ARCHITECT_TEST_SECRET

    expect((await host.list()).map(({ paneId }) => paneId)).toEqual([pane.paneId])
    expect(await server.run('show-environment', '-g')).not.toContain('ARCHITECT_TEST_SECRET')
  })

  test.each(['a.b', 'a:b', '', '=a', '$1', '-d', 'a\nb'])('%j is refused as a session name', async (name) => {
    await using host = new TmuxHost({ node: 'test', sockets: [] })
    await using server = await startTmux()
    await using real = openHost(server)

    expect(host.node).toBe('test')
    await expect(real.create({ name, dir: '/', command: ['cat'] })).rejects.toMatchObject({ code: 'invalid' })
  })
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
