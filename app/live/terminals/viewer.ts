import type { TerminalSize } from '../../core/terminal.ts'
import type { LiveSocket } from '../socket.ts'
import { untakenMessages } from '../untaken.ts'
import type { Typing } from './keyboards.ts'
import type { Mode } from './shared-terminals.ts'

/** Output; `reset`: the terminal is emptied first. */
export interface TerminalData {
  terminal: number
  data: string
  reset: boolean
}

/** What changed about a terminal. */
export interface TerminalState extends Partial<TerminalSize> {
  terminal: number
  mode?: Mode
  typing?: Typing | null
  /** Nothing is shown while its node is away; it is shown again by itself. null: the node is back. */
  away?: Away | null
}

/** A node that can't be heard. */
export interface Away {
  node: string
  /** Epoch ms. */
  since: number
}

export interface TerminalEnd {
  terminal: number
  reason: string
}

/** Characters on their way to one client before it counts as slow, and what it must be down to before it is not. */
const mostUnacknowledged = 256 * 1024
const fewUnacknowledged = 32 * 1024
/** Messages that wait in the server for the network; a client that acknowledges what it never got is slow, too. */
const mostWaiting = 64

/**
 * One client that looks at a terminal. What it has not acknowledged is bounded: a slow one misses output and
 * gets the whole screen drawn again when it has caught up.
 */
export class Viewer {
  readonly socket: LiveSocket
  /** The client's own number of this terminal. */
  readonly id: number
  /** Called when it has caught up and needs a redraw. */
  onCaughtUp: () => void = () => undefined
  #unacknowledged = 0
  #isSlow = false

  constructor(socket: LiveSocket, id: number) {
    this.socket = socket
    this.id = id
  }

  get isSlow(): boolean {
    return this.#isSlow
  }

  /** Passes output on, or drops it while the client is slow. */
  take(text: string): void {
    if (this.#isSlow) return
    if (this.#unacknowledged > mostUnacknowledged || untakenMessages(this.socket) > mostWaiting) {
      this.#isSlow = true
      return
    }
    this.#send(text, false)
  }

  /** Empties the client's terminal first. */
  restart(text: string): void {
    this.#send(text, true)
  }

  acknowledge(characters: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - characters)
    if (!this.#isSlow || this.#unacknowledged > fewUnacknowledged) return
    this.#isSlow = false
    this.onCaughtUp()
  }

  tellState(state: Omit<TerminalState, 'terminal'>): void {
    this.socket.emit('terminal:state', { terminal: this.id, ...state })
  }

  tellEnd(reason: string): void {
    this.socket.emit('terminal:end', { terminal: this.id, reason })
  }

  #send(data: string, reset: boolean) {
    this.#unacknowledged += data.length
    this.socket.emit('terminal:data', { terminal: this.id, data, reset })
  }
}
