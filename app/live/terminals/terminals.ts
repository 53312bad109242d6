import type { Actor } from '../../core/account.ts'
import { AppError, AwayError, LimitedError, messageOf } from '../../core/errors.ts'
import type { TerminalEnd, TerminalSize } from '../../core/terminal.ts'
import type { Web } from '../../http/web.ts'
import type { LiveSocket } from '../socket.ts'
import { untakenCharacters } from '../untaken.ts'
import { findPane, type ShownPane } from './find-pane.ts'
import { Keyboards, sessionOf, type Typing } from './keyboards.ts'
import { OpenTerminals, type Open } from './open-terminals.ts'
import type { Away } from './viewer.ts'
import { SharedTerminals, type Mode, type Place } from './shared-terminals.ts'

/** Keys of one terminal that wait for their session's lease, in characters. */
const mostWaitingKeys = 256 * 1024
/** With more than this on its way to a client, in characters, no scrollback is added. */
const mostUntaken = 1024 * 1024

/** A terminal in a browser, as the browser is told of it. */
export interface TerminalMessage {
  terminal: number
  session: string
  name: string
  columns: number
  rows: number
  mode: Mode
  typing: Typing | null
  /** Its node can't be heard; the terminal is drawn as soon as it is back. */
  away: Away | null
}

/** The terminals of all clients of this dashboard. */
export class Terminals implements AsyncDisposable {
  readonly #web: Web
  readonly #shared: SharedTerminals
  readonly #keyboards: Keyboards
  readonly #open: OpenTerminals
  readonly #stopHearing: () => void

  constructor(web: Web) {
    this.#web = web
    this.#shared = new SharedTerminals(web.log)
    this.#keyboards = new Keyboards(web, (session) => this.#giveBack(session))
    this.#open = new OpenTerminals(web.clock)
    this.#stopHearing = web.sites.onReturn((node) => this.#showAgain(node))
  }

  /** Shows a session to a client, which numbers its terminals itself. */
  async open(socket: LiveSocket, id: number, session: string): Promise<TerminalMessage> {
    const open = this.#open.add(socket, id)
    try {
      const pane = await findPane(this.#web, session)
      open.pane = pane
      await this.#placeOrWait(open, pane)
      return this.#describe(open, pane)
    } catch (error) {
      if (this.#open.has(open)) this.#open.remove(open)
      throw error
    }
  }

  /** Keys of a person: they take the session's lease first, in their order. */
  async type(socket: LiveSocket, id: number, keys: string): Promise<void> {
    const { open } = this.#open.get(socket, id)
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
    const { pane } = this.#open.get(socket, id)
    await this.#keyboards.release(sessionOf(pane), socket.data.caller.actor)
  }

  async fit(socket: LiveSocket, id: number, size: TerminalSize | null): Promise<void> {
    const { open } = this.#open.get(socket, id)
    open.fitted = size
    if (open.place) await this.#fitPlace(open.place)
  }

  acknowledge(socket: LiveSocket, id: number, characters: number): void {
    this.#open.find(socket, id)?.viewer.acknowledge(characters)
  }

  async history(socket: LiveSocket, id: number, lines: number): Promise<string> {
    const { open, pane } = this.#open.get(socket, id)
    if (open.isReading || untakenCharacters(socket) > mostUntaken) {
      throw new LimitedError('The scrollback is on its way already.', 1_000)
    }
    open.isReading = true
    try {
      return await pane.site.host.history(pane, lines)
    } finally {
      open.isReading = false
    }
  }

  async close(socket: LiveSocket, id: number): Promise<void> {
    const open = this.#open.find(socket, id)
    if (!open) return
    this.#open.remove(open)
    await this.#leave(open)
  }

  /** A client is gone. */
  forget(socket: LiveSocket): void {
    for (const open of this.#open.removeAll(socket)) this.#inBackground(this.#leave(open))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopHearing()
    await this.#keyboards[Symbol.asyncDispose]()
    for (const { viewer } of this.#open.all()) this.#open.removeAll(viewer.socket)
    await this.#shared[Symbol.asyncDispose]()
  }

  async #press(open: Open, keys: string, actor: Actor) {
    const { pane } = open
    if (!pane || !this.#open.has(open)) return
    const isNew = await this.#keyboards.hold(pane, actor)
    if (!this.#open.has(open)) return
    if (open.mode === 'view' || !open.place) await this.#place(open, pane, 'type')
    open.place?.shared.write(keys)
    if (isNew) this.#tellTyping(sessionOf(pane))
  }

  /** Attaches a viewer to the terminal of this mode, and leaves the one before. */
  async #place(open: Open, pane: ShownPane, mode: Mode) {
    const place = await this.#shared.join(pane, mode)
    if (!this.#open.has(open)) return place.leave()
    const before = open.place
    before?.shared.remove(open.viewer)
    Object.assign(open, { place, mode })
    place.shared.add(open.viewer)
    open.viewer.tellState({ ...place.shared.size, mode, away: null })
    void place.shared.ended.then((how) => this.#ended(open, place, how))
    if (open.fitted) await this.#fitPlace(place)
    if (before) await this.#depart(open, before)
  }

  /** The size that somebody at this place asked for last, or the window's own. */
  async #fitPlace({ shared }: Place) {
    const fitted = this.#open.all().filter(({ place, fitted }) => place?.shared === shared && fitted)
    await shared.fit(fitted.at(-1)?.fitted ?? null)
  }

  #ended(open: Open, place: Place, how: TerminalEnd) {
    if (open.place !== place || !this.#open.has(open)) return
    if (how === 'over') return this.#finish(open, 'The session ended, or somebody detached its viewers.')
    this.#inBackground(this.#leave(open))
    if (open.pane) this.#inBackground(this.#waitForNode(open, open.pane))
  }

  #finish(open: Open, why: string) {
    open.viewer.tellEnd(why)
    this.#inBackground(this.close(open.viewer.socket, open.viewer.id))
  }

  /** Also after a cut that is over already. */
  async #waitForNode(open: Open, pane: ShownPane) {
    const away = awayOf(pane)
    if (!away) return this.#showOrFinish(open, pane)
    open.mode = 'view'
    open.viewer.tellState({ away, mode: 'view' })
  }

  #showAgain(node: string) {
    for (const open of this.#open.all()) {
      const { pane } = open
      if (pane?.site.host.node !== node || open.place) continue
      open.turn = open.turn.then(() => (open.place ? undefined : this.#showOrFinish(open, pane)))
    }
  }

  async #showOrFinish(open: Open, pane: ShownPane) {
    if (!this.#open.has(open)) return
    try {
      // A tmux that began anew meanwhile gives the same id to another pane.
      const { sessionName } = await findPane(this.#web, pane.key)
      if (sessionName !== pane.sessionName) return this.#finish(open, `${pane.sessionName} has ended.`)
      await this.#placeOrWait(open, pane)
    } catch (error) {
      this.#finish(open, messageOf(error))
    }
  }

  async #placeOrWait(open: Open, pane: ShownPane) {
    try {
      await this.#place(open, pane, 'view')
    } catch (error) {
      if (!(error instanceof AwayError)) throw error
      open.viewer.tellState({ away: awayOf(pane) })
    }
  }

  async #leave(open: Open) {
    const { place } = open
    open.place = null
    place?.shared.remove(open.viewer)
    if (place) await this.#depart(open, place)
  }

  async #depart({ fitted }: Open, place: Place) {
    if (fitted) await this.#fitPlace(place).catch(() => undefined) // it may have ended
    await place.leave()
  }

  /** The keyboard of a session was given back: those who typed there only look on. */
  #giveBack(session: string) {
    for (const open of this.#open.at(session)) {
      if (open.mode === 'type') open.turn = open.turn.then(() => this.#placeAgain(open))
    }
    this.#tellTyping(session)
  }

  async #placeAgain(open: Open) {
    const { pane } = open
    // Somebody may have typed again in the meantime.
    if (!pane || !this.#open.has(open) || this.#keyboards.typing(sessionOf(pane))) return
    try {
      await this.#place(open, pane, 'view')
    } catch (error) {
      open.viewer.tellEnd(messageOf(error))
    }
  }

  #tellTyping(session: string) {
    const typing = this.#keyboards.typing(session)
    for (const { viewer } of this.#open.at(session)) viewer.tellState({ typing })
  }

  #describe({ viewer, place, mode }: Open, pane: ShownPane): TerminalMessage {
    return {
      terminal: viewer.id,
      session: pane.key,
      name: pane.sessionName,
      ...(place?.shared.size ?? unseenSize),
      mode,
      typing: this.#keyboards.typing(sessionOf(pane)),
      away: place ? null : awayOf(pane),
    }
  }

  #inBackground(work: Promise<void>) {
    work.catch((error: unknown) => {
      this.#web.log.json.warn({ err: error }, `a terminal did not close: ${messageOf(error)}`)
    })
  }
}

/** Of a terminal that can't be seen yet. */
const unseenSize: TerminalSize = { columns: 80, rows: 24 }

function awayOf({ site }: ShownPane): Away | null {
  return site.awaySince === null ? null : { node: site.host.node, since: site.awaySince }
}
