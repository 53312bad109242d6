import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../../testing/chaos/build.ts'
import { openRecorder } from '../../testing/recorder.ts'
import { openHost, startTmux } from '../../testing/tmux.ts'
import { waitFor } from '../../testing/wait-for.ts'
import { TmuxHost } from './tmux-host.ts'

const unavailable = { code: 'unavailable' }

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
      killClient(pid!)
      await step
      const after = await waitFor(() => host.look(pane).catch(() => null), 'a look after')
      if (after.marker === `m${round}`) marked.push(`<${round}>`)
    }

    await waitFor(async () => (await text()).length >= marked.join('').length, 'what was marked')
    expect(await text()).toBe(marked.join(''))
    expect(marked.length).toBeGreaterThan(0)
  })

  test('a process that is killed with its answers unread leaves the server and its agents alive', async () => {
    await using server = await startTmux()
    await server.open({ name: 'a', command: ['sh', '-c', 'seq 2000; exec cat'] })
    await using program = await buildProgram('app/testing/stuck-host.main.ts')

    for (let round = 0; round < 3; round += 1) {
      const child = spawn(process.execPath, [program.path, server.socketPath], { stdio: 'ignore' })
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
      expect(signal).toBe('SIGKILL')
      await using host = openHost(server)
      await host.list()
    }

    await waitFor(
      async () => (await server.run('list-sessions', '-F', '#{session_name}')) === 'a\n',
      "an end of the dead process's session",
    )
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

  test.each([
    ['before it is looked at', 'list-sessions'],
    ['while a client introduces itself', '-C'],
  ])('a tmux that hangs %s is given up within seconds', async (_when, word) => {
    await using server = await startTmux()
    await server.open({ name: 'a' })
    const program = join(server.folder, 'hanging-tmux')
    const hangs = `for each in "$@"; do [ "$each" = ${word} ] && exec sleep 60; done`
    await writeFile(program, `#!/bin/sh\n${hangs}\nexec tmux "$@"\n`)
    await chmod(program, 0o755)
    await using host = new TmuxHost({ node: 'test', sockets: [{ ...server.socket, program }] })

    await expect(host.list()).rejects.toThrow(/has not answered for 5 s/)
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

/** A client that is too slow has been ended by its host already. */
function killClient(pid: number) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
