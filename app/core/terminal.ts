import type { PaneRef } from './host.ts'

/** Cells of a terminal. */
export interface TerminalSize {
  columns: number
  rows: number
}

/** `over`: the client has ended. `away`: its node can't be heard any more; what was shown there goes on. */
export type TerminalEnd = 'over' | 'away'

/**
 * A tmux client with a terminal of its own that shows one pane's window, whatever window and pane those who are
 * attached look at, and moves neither. Ends with the window, with its process, or when it is disposed of; nothing
 * in the session ends with it.
 */
export interface AttachedTerminal extends AsyncDisposable {
  /** Of the window that it shows, unless it was fitted to another one. */
  readonly size: TerminalSize
  /** The process of the tmux client, on its node. */
  readonly pid: number
  /** Fulfilled when the client has ended, or nothing more comes of it. */
  readonly ended: Promise<TerminalEnd>
  /** What the terminal shows from now on, in the words of xterm. One listener. */
  onOutput(listener: (text: string) => void): void
  /** Keys as a terminal sends them; a client that only shows drops them. */
  write(keys: string): void
  /** Stops and goes on taking output; tmux redraws what was missed instead of keeping it. */
  pause(): void
  resume(): void
  /** Has the whole screen drawn again. */
  redraw(): Promise<void>
  /** Takes over the size of the window again after somebody changed that; true when it did change. */
  followWindow(): Promise<boolean>
  /** Asks tmux to make the window as large as this; null gives the size back to those who are attached. */
  fit(size: TerminalSize | null): Promise<void>
}

/**
 * Terminals on the sessions of one node. Promise: an attached terminal never changes the size of a window, with
 * or without somebody attached, unless `fit` asks for it.
 */
export interface TerminalHost {
  /**
   * `view`: tmux itself takes no keys from it. Keys go to this very pane. Throws `not_found` when the pane is
   * gone, `conflict` while another pane is zoomed over it, `unavailable` when tmux does not answer, `AwayError`
   * while the node can't be heard.
   */
  attach(pane: PaneRef, mode: 'view' | 'type'): Promise<AttachedTerminal>
}
