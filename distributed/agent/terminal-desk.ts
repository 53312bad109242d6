import { randomUUID } from 'node:crypto'
import { AppError } from '../../app/core/errors.ts'
import type { PaneRef } from '../../app/core/host.ts'
import type { AttachedTerminal, TerminalHost, TerminalSize } from '../../app/core/terminal.ts'
import { TerminalOutput } from './terminal-output.ts'

/** Each is a process and a client of tmux: more than people at a few browsers look at. */
const mostTerminals = 50

interface Shown {
  terminal: AttachedTerminal
  output: TerminalOutput
}

/** The terminals that the dashboard shows of this node's panes, over one connection: they end with it. */
export class TerminalDesk {
  readonly #host: TerminalHost
  readonly #shown = new Map<string, Shown>()
  #opening = 0
  /** Raised with each connection's end: what was asked for before is not given after. */
  #connection = 0

  constructor(host: TerminalHost) {
    this.#host = host
  }

  async attach(pane: PaneRef, mode: 'view' | 'type') {
    if (this.#shown.size + this.#opening >= mostTerminals) {
      throw new AppError('unavailable', 'Too many sessions of this node are shown in terminals. Close one.')
    }
    const connection = this.#connection
    this.#opening += 1
    const terminal = await this.#host.attach(pane, mode).finally(() => (this.#opening -= 1))
    if (connection !== this.#connection) {
      await terminal[Symbol.asyncDispose]()
      throw new AppError('unavailable', 'The connection ended while the terminal was opened.')
    }
    const id = randomUUID()
    this.#shown.set(id, { terminal, output: new TerminalOutput(terminal) })
    return { terminal: id, pid: terminal.pid, size: terminal.size }
  }

  async read(id: string) {
    const { output } = this.#find(id)
    const batch = await output.read()
    if (batch.over) await this.detach(id)
    return batch
  }

  write(id: string, keys: string): void {
    this.#find(id).terminal.write(keys)
  }

  async redraw(id: string): Promise<void> {
    await this.#find(id).terminal.redraw()
  }

  async followWindow(id: string): Promise<{ changed: boolean; size: TerminalSize }> {
    const { terminal } = this.#find(id)
    const changed = await terminal.followWindow()
    return { changed, size: terminal.size }
  }

  async fit(id: string, size: TerminalSize | null): Promise<TerminalSize> {
    const { terminal } = this.#find(id)
    await terminal.fit(size)
    return terminal.size
  }

  /** Nothing for one that has ended. */
  async detach(id: string): Promise<void> {
    const shown = this.#shown.get(id)
    this.#shown.delete(id)
    await shown?.terminal[Symbol.asyncDispose]()
  }

  /** The connection has ended. */
  async close(): Promise<void> {
    this.#connection += 1
    await Promise.all([...this.#shown.keys()].map((id) => this.detach(id)))
  }

  #find(id: string): Shown {
    const shown = this.#shown.get(id)
    if (!shown) throw new AppError('not_found', 'This terminal has ended.')
    return shown
  }
}
