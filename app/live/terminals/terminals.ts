import type { Actor } from '../../core/account.ts'
import { AppError, messageOf } from '../../core/errors.ts'
import { paneKey, type Pane } from '../../core/host.ts'
import type { TerminalSize } from '../../core/terminal.ts'
import { findSessions } from '../../db/sessions.ts'
import type { Web } from '../../http/web.ts'
import type { LiveSocket } from '../socket.ts'
import { Keyboards, sessionOf, type Typing } from './keyboards.ts'
import { SharedTerminals, type Mode, type Place } from './shared-terminals.ts'
import { Viewer } from './viewer.ts'

/** Terminals of one client at the same time, and attached ones of the whole dashboard. */
const mostPerClient = 8
const mostAttached = 100
/** Keys of one terminal that wait for their session's lease, in characters. */
const mostWaitingKeys = 256 * 1024

/** A terminal in a browser, as the browser is told of it. */
export interface TerminalMessage {
  terminal: number
  session: string
  name: string
  columns: number
  rows: number
  mode: Mode
  typing: Typing | null
}

/** The terminals of all clients of this dashboard. */
export class Terminals implements AsyncDisposable {
  readonly #web: Web
  readonly #shared: SharedTerminals
  readonly #keyboards: Keyboards
  readonly #open = new Map<LiveSocket, Map<number, Open>>()

  constructor(web: Web) {
    this.#web = web
    this.#shared = new SharedTerminals(web.terminals, web.log)
    this.#keyboards = new Keyboards(web, (session) => this.#giveBack(session))
  }

  /** Shows a session to a client, which numbers its terminals itself. */
  async open(socket: LiveSocket, id: number, session: string): Promise<TerminalMessage> {
    const own = this.#open.get(socket) ?? new Map<number, Open>()
    if (own.has(id)) throw new AppError('conflict', `This client has a terminal ${id} already.`)
    if (own.size >= mostPerClient || this.#shared.size >= mostAttached) {
      throw new AppError('unavailable', 'Too many terminals are open. Close one.')
    }
    const open: Open = {
      pane: await this.#find(session),
      viewer: new Viewer(socket, id),
      mode: 'view',
      ...unplaced,
    }
    if (own.has(id)) throw new AppError('conflict', `This client has a terminal ${id} already.`)
    own.set(id, open)
    this.#open.set(socket, own)
    try {
      await this.#place(open, 'view')
    } catch (error) {
      own.delete(id)
      throw error
    }
    return this.#describe(open)
  }

  /** Keys of a person: they take the session's lease first, in their order. */
  async type(socket: LiveSocket, id: number, keys: string): Promise<void> {
    const open = this.#get(socket, id)
    if (open.waitingKeys + keys.length > mostWaitingKeys) {
      throw new AppError('unavailable', 'The session takes keys more slowly than they come.')
    }
    open.waitingKeys += keys.length
    const turn = open.turn.then(() => this.#press(open, keys, socket.data.caller.actor))
    open.turn = turn.catch(() => undefined) // whoever sent the keys hears of it
    await turn.finally(() => (open.waitingKeys -= keys.length))
  }

  /** Gives the session back to automation. */
  async release(socket: LiveSocket, id: number): Promise<void> {
    const { pane } = this.#get(socket, id)
    await this.#keyboards.release(sessionOf(pane), socket.data.caller.actor)
  }

  async fit(socket: LiveSocket, id: number, size: TerminalSize | null): Promise<void> {
    const open = this.#get(socket, id)
    open.fitted = size
    await open.place?.shared.fit(size)
  }

  acknowledge(socket: LiveSocket, id: number, characters: number): void {
    this.#open.get(socket)?.get(id)?.viewer.acknowledge(characters)
  }

  history(socket: LiveSocket, id: number, lines: number): Promise<string> {
    return this.#web.host.history(this.#get(socket, id).pane, lines)
  }

  async close(socket: LiveSocket, id: number): Promise<void> {
    const open = this.#open.get(socket)?.get(id)
    this.#open.get(socket)?.delete(id)
    if (open) await this.#leave(open)
  }

  /** A client is gone. */
  forget(socket: LiveSocket): void {
    const own = [...(this.#open.get(socket)?.values() ?? [])]
    this.#open.delete(socket)
    for (const open of own) this.#inBackground(this.#leave(open))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keyboards[Symbol.asyncDispose]()
    this.#open.clear()
    await this.#shared[Symbol.asyncDispose]()
  }

  async #press(open: Open, keys: string, actor: Actor) {
    const isNew = await this.#keyboards.hold(open.pane, actor)
    if (!this.#isOpen(open)) return
    if (open.mode === 'view') await this.#place(open, 'type')
    open.place?.shared.write(keys)
    if (isNew) this.#tellTyping(sessionOf(open.pane))
  }

  /** Attaches a viewer to the terminal of this mode, and leaves the one before. */
  async #place(open: Open, mode: Mode) {
    const place = await this.#shared.join(open.pane, mode)
    if (!this.#isOpen(open)) return place.leave()
    const before = open.place
    before?.shared.remove(open.viewer)
    Object.assign(open, { place, mode })
    place.shared.add(open.viewer)
    open.viewer.tellState({ ...place.shared.size, mode })
    void place.shared.ended.then(() => this.#ended(open, place))
    await before?.leave()
    if (open.fitted) await place.shared.fit(open.fitted)
  }

  #ended(open: Open, place: Place) {
    if (open.place !== place || !this.#isOpen(open)) return
    open.viewer.tellEnd('The session ended, or somebody detached its viewers.')
    this.#inBackground(this.close(open.viewer.socket, open.viewer.id))
  }

  async #leave(open: Open) {
    const { place } = open
    open.place = null
    place?.shared.remove(open.viewer)
    if (open.fitted) await place?.shared.fit(null).catch(() => undefined) // it may have ended
    await place?.leave()
  }

  /** The keyboard of a session was given back: those who typed there only look on. */
  #giveBack(session: string) {
    for (const open of this.#at(session)) {
      if (open.mode === 'type') open.turn = open.turn.then(() => this.#placeAgain(open))
    }
    this.#tellTyping(session)
  }

  async #placeAgain(open: Open) {
    try {
      // Somebody may have typed again in the meantime.
      if (this.#isOpen(open) && !this.#keyboards.typing(sessionOf(open.pane))) await this.#place(open, 'view')
    } catch (error) {
      open.viewer.tellEnd(messageOf(error))
    }
  }

  #tellTyping(session: string) {
    const typing = this.#keyboards.typing(session)
    for (const { viewer } of this.#at(session)) viewer.tellState({ typing })
  }

  #at(session: string): Open[] {
    const all = [...this.#open.values()].flatMap((own) => [...own.values()])
    return all.filter(({ pane }) => sessionOf(pane) === session)
  }

  #isOpen({ viewer }: Open): boolean {
    return this.#open.get(viewer.socket)?.get(viewer.id)?.viewer === viewer
  }

  #get(socket: LiveSocket, id: number): Open {
    const open = this.#open.get(socket)?.get(id)
    if (!open) throw new AppError('not_found', `This client has no terminal ${id}.`)
    return open
  }

  /** By its key or as a person names it. */
  async #find(session: string): Promise<Pane> {
    const { host, database } = this.#web
    const panes = await host.list()
    const byKey = panes.find((pane) => `${host.node}/${paneKey(pane)}` === session)
    if (byKey) return byKey
    const found = await findSessions(database.kysely, session)
    const pane = panes.find((each) => found.length === 1 && `${host.node}/${paneKey(each)}` === found[0]!.key)
    if (!pane)
      throw new AppError('not_found', `There is no session ${JSON.stringify(session)} here to look at.`)
    return pane
  }

  #describe({ pane, viewer, place, mode }: Open): TerminalMessage {
    return {
      terminal: viewer.id,
      session: `${this.#web.host.node}/${paneKey(pane)}`,
      name: pane.sessionName,
      columns: place?.shared.size.columns ?? pane.width,
      rows: place?.shared.size.rows ?? pane.height,
      mode,
      typing: this.#keyboards.typing(sessionOf(pane)),
    }
  }

  #inBackground(work: Promise<void>) {
    work.catch((error: unknown) => {
      this.#web.log.json.warn({ err: error }, `a terminal did not close: ${messageOf(error)}`)
    })
  }
}

interface Open {
  pane: Pane
  viewer: Viewer
  mode: Mode
  place: Place | null
  /** What this client asked the window to be; null: it follows the window. */
  fitted: TerminalSize | null
  /** Keys are sent one after the other. */
  turn: Promise<void>
  waitingKeys: number
}

const unplaced = { place: null, fitted: null, turn: Promise.resolve(), waitingKeys: 0 }
