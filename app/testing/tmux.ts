import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { PaneRef } from '../core/host.ts'
import { parseSockets, type TmuxSocket } from '../hosts/tmux/sockets.ts'
import { TmuxHost } from '../hosts/tmux/tmux-host.ts'

/** A tmux server of a test's own, in a folder of its own; both end with the test. */
export interface TmuxFixture extends AsyncDisposable {
  folder: string
  /** What ARCHITECT_TMUX_SOCKET would hold. */
  socketPath: string
  socket: TmuxSocket
  /** Runs the tmux client against this server; rejects with what it said. */
  run(...args: string[]): Promise<string>
  /** A new detached session; argv runs as it is. The first one starts the server. */
  open(session: {
    name: string
    command?: string[]
    width?: number
    height?: number
    /** The test's own working folder when absent. */
    dir?: string
  }): Promise<PaneRef>
}

/** `config` is the text of a tmux.conf; the user's own is never read. */
export async function startTmux(config = ''): Promise<TmuxFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'architect-tmux-'))
  const socketPath = join(folder, 'tmux.sock')
  const configPath = join(folder, 'tmux.conf')
  await writeFile(configPath, config)
  const socket = parseSockets(socketPath)[0]!
  const run = (...args: string[]) => runTmux(socketPath, configPath, args)
  return {
    folder,
    socketPath,
    socket,
    run,
    open: async ({ name, command = ['cat'], width = 100, height = 30, dir = process.cwd() }) => {
      const argv = command.length === 1 ? ['env', ...command] : command
      const size = ['-x', String(width), '-y', String(height), '-c', dir]
      const paneId = await run('new-session', '-d', '-P', '-F', '#{pane_id}', '-s', name, ...size, ...argv)
      return { server: socket.label, paneId: paneId.trim() }
    },
    [Symbol.asyncDispose]: async () => {
      await run('kill-server').catch(() => '') // a test may have ended it
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}

/** A host over this one server, on a node called `test`. */
export function openHost(server: TmuxFixture): TmuxHost {
  return new TmuxHost({ node: 'test', sockets: [server.socket] })
}

async function runTmux(socketPath: string, configPath: string, args: string[]): Promise<string> {
  const { TMUX: _tmux, TMUX_PANE: _pane, ...env } = process.env
  const options = { env, timeout: 10_000 }
  const { stdout } = await promisify(execFile)(
    'tmux',
    ['-u', '-f', configPath, '-S', socketPath, ...args],
    options,
  )
  return stdout
}
