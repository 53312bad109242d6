import type { Clock } from '../../core/clock.ts'
import { AppError, LimitedError } from '../../core/errors.ts'
import type { TerminalSize } from '../../core/terminal.ts'
import type { LiveSocket } from '../socket.ts'
import type { ShownPane } from './find-pane.ts'
import { sessionOf } from './keyboards.ts'
import type { Mode, Place } from './shared-terminals.ts'
import { Viewer } from './viewer.ts'

/** Terminals of one client at the same time. */
const mostPerClient = 8
/** Each opening may start a process: so many for one client in so many ms. */
const mostOpenings = 20
const openingsMs = 10_000

/** One client's terminal. */
export interface Open {
  viewer: Viewer
  /** null until it was found. */
  pane: ShownPane | null
  mode: Mode
  place: Place | null
  /** What this client asked the window to be; null: it follows the window. */
  fitted: TerminalSize | null
  /** Keys are sent one after the other. */
  turn: Promise<void>
  waitingKeys: number
  /** Its scrollback is being read. */
  isReading: boolean
}

/** Who has which terminals; each client numbers its own. */
export class OpenTerminals {
  readonly #clock: Clock
  readonly #open = new Map<LiveSocket, Map<number, Open>>()
  /** When a client opened its last ones. */
  readonly #openings = new Map<LiveSocket, number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes the number at once, so that none is given twice and nobody has too many. */
  add(socket: LiveSocket, id: number): Open {
    const own = this.#open.get(socket) ?? new Map<number, Open>()
    if (own.size >= mostPerClient)
      throw new AppError('unavailable', 'Too many terminals are open. Close one.')
    if (own.has(id)) throw new AppError('conflict', `This client has a terminal ${id} already.`)
    this.#count(socket)
    const open: Open = {
      viewer: new Viewer(socket, id),
      pane: null,
      mode: 'view',
      place: null,
      fitted: null,
      turn: Promise.resolve(),
      waitingKeys: 0,
      isReading: false,
    }
    own.set(id, open)
    this.#open.set(socket, own)
    return open
  }

  find(socket: LiveSocket, id: number): Open | undefined {
    return this.#open.get(socket)?.get(id)
  }

  /** Throws `not_found` for one that this client does not have. */
  get(socket: LiveSocket, id: number): { open: Open; pane: ShownPane } {
    const open = this.find(socket, id)
    if (!open?.pane) throw new AppError('not_found', `This client has no terminal ${id}.`)
    return { open, pane: open.pane }
  }

  has(open: Open): boolean {
    return this.find(open.viewer.socket, open.viewer.id) === open
  }

  remove({ viewer }: Open): void {
    this.#open.get(viewer.socket)?.delete(viewer.id)
  }

  /** Of a client that is gone; returns what it had. */
  removeAll(socket: LiveSocket): Open[] {
    const own = [...(this.#open.get(socket)?.values() ?? [])]
    this.#open.delete(socket)
    this.#openings.delete(socket)
    return own
  }

  all(): Open[] {
    return [...this.#open.values()].flatMap((own) => [...own.values()])
  }

  /** Everybody who looks at a session (`sessionOf`). */
  at(session: string): Open[] {
    return this.all().filter(({ pane }) => pane && sessionOf(pane) === session)
  }

  #count(socket: LiveSocket) {
    const now = this.#clock.now()
    const recent = (this.#openings.get(socket) ?? []).filter((at) => at > now - openingsMs)
    if (recent.length >= mostOpenings) throw new LimitedError('Too many terminals were opened.', openingsMs)
    this.#openings.set(socket, [...recent, now])
  }
}
