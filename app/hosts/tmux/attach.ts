import type { IPty } from 'node-pty'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AttachedTerminal, TerminalEnd, TerminalSize } from '../../core/terminal.ts'
import { AppError } from '../../core/errors.ts'
import { clientEnv } from './connection.ts'
import { command, commandList } from './quote.ts'
import type { TmuxServer } from './tmux-server.ts'
import { closeView, openView, type View } from './views.ts'

/** Who attached gets this long to leave by itself, in ms. */
const leaveWithinMs = 1000

/** Shows one pane in a session of this terminal's own (views.ts). */
export async function attachTerminal(
  server: TmuxServer,
  paneId: string,
  mode: 'view' | 'type',
): Promise<AttachedTerminal> {
  await keepSizes(server)
  const view = await openView(server, paneId)
  try {
    const size = await sizeOf(server, view.name)
    // Only whoever opens a terminal needs it.
    const { spawn } = await import('node-pty')
    const pty = spawn(server.socket.program ?? 'tmux', attachArguments(server, view, mode), {
      name: 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      env: clientEnv(),
    })
    return new TmuxTerminal(server, view, pty, size)
  } catch (error) {
    await closeView(server, view)
    throw error
  }
}

class TmuxTerminal implements AttachedTerminal {
  readonly ended: Promise<TerminalEnd>
  readonly #server: TmuxServer
  readonly #view: View
  readonly #pty: IPty
  #size: TerminalSize
  #fitted = false
  #clientName: string | null = null
  /** Keys that wait for the client; null as soon as it has drawn something. */
  #early: string[] | null = []

  constructor(server: TmuxServer, view: View, pty: IPty, size: TerminalSize) {
    this.#server = server
    this.#view = view
    this.#size = size
    this.#pty = pty
    this.ended = new Promise((resolve) => this.#pty.onExit(() => resolve('over')))
    const drawing = pty.onData(() => {
      drawing.dispose()
      for (const keys of this.#early ?? []) pty.write(keys)
      this.#early = null
    })
  }

  get size(): TerminalSize {
    return this.#size
  }

  get pid(): number {
    return this.#pty.pid
  }

  onOutput(listener: (text: string) => void): void {
    this.#pty.onData(listener)
  }

  /** Until the client has set its terminal up, Enter would become a line feed there, and Ctrl-C would end the client. */
  write(keys: string): void {
    if (this.#early) this.#early.push(keys)
    else this.#pty.write(keys)
  }

  pause(): void {
    this.#pty.pause()
  }

  resume(): void {
    this.#pty.resume()
  }

  async redraw(): Promise<void> {
    await this.#server.run(command('refresh-client', '-t', await this.#client()))
  }

  async followWindow(): Promise<boolean> {
    await keepSizes(this.#server)
    if (this.#fitted) return false
    return this.#resize(await sizeOf(this.#server, this.#view.name))
  }

  async fit(size: TerminalSize | null): Promise<void> {
    const flag = size ? '!ignore-size' : 'ignore-size'
    // The own size comes first: tmux takes it for the window's in the moment in which it counts.
    if (size) this.#resize(size)
    await this.#server.run(command('refresh-client', '-t', await this.#client(), '-f', flag))
    this.#fitted = size !== null
    if (!size) await this.followWindow()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.inTurn(() => this.#leave())
    await closeView(this.#server, this.#view)
  }

  async #leave() {
    const leaving = new AbortController()
    this.#signal('SIGHUP')
    await Promise.race([this.ended, sleep(leaveWithinMs, undefined, { signal: leaving.signal })])
    leaving.abort()
    this.#signal('SIGKILL')
    await this.ended
  }

  #resize({ columns, rows }: TerminalSize): boolean {
    if (columns === this.#size.columns && rows === this.#size.rows) return false
    this.#size = { columns, rows }
    this.#pty.resize(columns, rows)
    return true
  }

  #signal(name: 'SIGHUP' | 'SIGKILL') {
    try {
      this.#pty.kill(name)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /** tmux's name of this client, known as soon as it has attached. */
  async #client(): Promise<string> {
    for (let tries = 0; this.#clientName === null; tries += 1) {
      const blocks = await this.#server.run(command('list-clients', '-F', '#{client_pid} #{client_name}'))
      const own = blocks.flatMap(({ lines }) => lines).find((line) => line.startsWith(`${this.pid} `))
      this.#clientName = own?.split(' ')[1] ?? null
      if (this.#clientName === null && tries > 50) {
        throw new AppError('unavailable', 'The terminal has not attached to tmux.')
      }
      if (this.#clientName === null) await sleep(20)
    }
    return this.#clientName
  }
}

/**
 * `-E` leaves the environment of the session alone; the features are those of xterm.js. The pane is selected by
 * this very client, which has an active pane of its own: nobody else's moves.
 */
function attachArguments({ socket }: TmuxServer, { name, select }: View, mode: 'view' | 'type'): string[] {
  const flags = ['ignore-size', 'active-pane', ...(mode === 'view' ? ['read-only'] : [])].join(',')
  const attach = ['attach-session', '-E', '-t', `=${name}`, '-f', flags]
  const choose = select ? [';', 'select-pane', '-t', select] : []
  return [...socket.args, '-u', '-T', 'RGB', ...attach, ...choose]
}

/**
 * tmux ignores `ignore-size` while nobody is attached who lacks it, and a browser would then resize the window
 * (measured on 3.3a). Our control client says no size of its own, so that it may lack the flag without harm and
 * keeps it in force for the others.
 */
async function keepSizes(server: TmuxServer) {
  await server.run(command('refresh-client', '-f', '!ignore-size'))
}

/** Of the window that a view shows. */
async function sizeOf(server: TmuxServer, view: string): Promise<TerminalSize> {
  const exists = command('has-session', '-t', `=${view}`)
  const ask = command('display-message', '-p', '-t', `=${view}:`, '#{window_width} #{window_height}')
  const blocks = await server.run(commandList(exists, ask))
  const [width, height] = (blocks.at(-1)?.lines[0] ?? '').split(' ')
  return { columns: Number(width) || 80, rows: Number(height) || 24 }
}
