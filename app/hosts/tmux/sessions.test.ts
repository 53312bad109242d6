import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { TmuxHost } from './tmux-host.ts'

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
    // What greets is a shell for one more moment, and nothing is pasted into what was seen as something else.
    const look = await waitFor(async () => {
      const seen = await host.look(pane)
      return seen.rows[0]!.includes('hi') && (await host.paste(seen, 'text', 'm1')) === 'done' && seen
    }, 'the greeting of what takes the text')
    const typed = await waitFor(async () => {
      const seen = await host.look(pane)
      return seen.rows.join('').includes('text') && seen
    }, 'the text')
    const submitted = await host.submit(typed, 'm2')
    await waitFor(
      async () => (await host.look(pane)).rows.join('\n').split('text').length === 3,
      "cat's echo",
    )

    expect(look.rows[0]).toBe(`hi; $x ${server.folder}`)
    expect(submitted).toBe('done')
    await host.kill('möde #{x} 1')
    expect((await host.list()).map(({ sessionName }) => sessionName)).toEqual(['user'])
  })

  test.each(['/bin/sh', '/bin/dash', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'].filter(existsSync))(
    'the words of a program, its folder and its environment arrive as they are where the shell is %s',
    async (shell) => {
      await using server = await startTmux(`set -g default-shell ${shell}\n`)
      await using host = openHost(server)
      await server.open({ name: 'user' })
      const dir = join(server.folder, `the user's "code" $HOME; #{x}`)
      await mkdir(dir)
      const words = [
        'a b',
        `x=[{c="[ -x '/p/it'\\''s' ] && exec"}]`,
        '$HOME',
        '`id`',
        ';',
        '*',
        '!!',
        '{a,b}',
        '',
      ]

      const pane = await host.create({
        name: 'dev',
        dir,
        command: ['sh', '-c', 'printf "<%s>\\n" "$@" "$SAID" "$PWD"; exec cat', 'sh', ...words],
        env: { SAID: `it's "so" $x;` },
      })
      const rows = await waitFor(async () => {
        const seen = await host.look(pane)
        return seen.rows.some((row) => row.includes(server.folder)) && seen.rows
      }, 'the words')

      const wanted = [...words, `it's "so" $x;`, dir].map((word) => `<${word}>`)
      expect(rows.slice(0, wanted.length)).toEqual(wanted)
    },
  )

  test('the first session starts the server, without what only Architect needs in its environment', async () => {
    await using server = await startTmux()
    await using host = openHost(server)
    const own = ['ARCHITECT_PASSWORD', 'SECRET_KEY', 'DATABASE_URL', 'PORT']
    for (const name of own) vi.stubEnv(name, 'only-ours')

    const pane = await host.create({ name: 'first', dir: '/', command: ['cat'] })
    vi.unstubAllEnvs()

    expect((await host.list()).map(({ paneId }) => paneId)).toEqual([pane.paneId])
    expect(await server.run('show-environment', '-g')).not.toContain('only-ours')
  })

  test.each(['a.b', 'a:b', '', '=a', '$1', '-d', 'a\nb'])('%j is refused as a session name', async (name) => {
    await using host = new TmuxHost({ node: 'test', sockets: [] })
    await using server = await startTmux()
    await using real = openHost(server)

    expect(host.node).toBe('test')
    await expect(real.create({ name, dir: '/', command: ['cat'] })).rejects.toMatchObject({ code: 'invalid' })
  })
})
