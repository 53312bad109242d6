import type { Fleet, LiveSession } from '../core/fleet.ts'
import type { SessionSettings } from '../db/session-settings.ts'
import { HookDesk } from './hooks/desk.ts'
import { hookDecider, hookFateKeeper } from './interactions/by-hook.ts'
import { InteractionDesk } from './interactions/desk.ts'
import type { StoredInteraction } from '../db/interaction/row.ts'
import { flushBooks, SessionBook, type PeoplesWord } from './session-book.ts'
import type { Tools } from './tools.ts'

interface NodeListeners {
  /** A session of the node was read anew, or is gone. */
  onNews(): void
  /** The node is heard again. */
  onReturn(): void
}

/** All that the assigner keeps of one node: its sessions, their rows, what they ask, and what their hooks tell. */
export class NodeDesk {
  readonly tools: Tools
  readonly fleet: Fleet
  readonly book: SessionBook
  readonly #interactions: InteractionDesk
  readonly #hooks: HookDesk
  readonly #listeners: NodeListeners
  /** What its sessions ask is being worked through. */
  #round: Promise<void> | null = null

  constructor(tools: Tools, listeners: NodeListeners) {
    this.tools = tools
    this.#listeners = listeners
    this.book = new SessionBook(tools)
    this.fleet = tools.watch({
      onChange: (session) => this.#seen(session),
      onGone: (session) => this.#gone(session),
      onReturn: () => listeners.onReturn(),
      onPast: (past) => this.book.notePast(past),
    })
    this.#interactions = new InteractionDesk(tools, {
      get: (key) => this.fleet.get(key),
      settingsOf: (session) => this.book.settingsOf(session),
      isTaken: (key) => this.book.isTaken(key),
      promptOf: (key) => this.book.promptOf(key),
    })
    const decidePermission = tools.decidePermission ?? hookDecider(tools)
    this.#hooks = new HookDesk({ ...tools, decidePermission, noteFate: hookFateKeeper(tools) }, this.fleet)
  }

  get node(): string {
    return this.tools.host.node
  }

  /** Somebody waits for an answer, so that looks have to come quickly. */
  get isBusy(): boolean {
    return this.#interactions.isBusy
  }

  async open(word: PeoplesWord): Promise<void> {
    this.book.hear(word)
    await this.book.open()
    await this.fleet.observe()
  }

  /** Hears what agents tell by their hooks from now on; fulfilled when that has begun. */
  async listen(): Promise<void> {
    await this.tools.hooks?.listen((message) => this.#hooks.hear(message))
  }

  /** One look at all sessions. */
  async look(word: PeoplesWord): Promise<void> {
    await this.fleet.observe()
    this.book.hear(word)
  }

  /** Of a node that can't be heard nothing is known, not even that what was there is gone. */
  get isHeard(): boolean {
    return this.fleet.awaySince === null
  }

  /** What its sessions ask can have changed, and nobody works that through already. */
  get hasAsks(): boolean {
    return this.isHeard && this.#round === null && this.#interactions.isDue
  }

  /**
   * What follows from what its sessions ask; `live`: the rows of this node that are not settled. May wait for the
   * node to answer, and so for a cable that was pulled; one that still waits is not begun again.
   */
  followAsks(live: StoredInteraction[], signal: AbortSignal): Promise<void> {
    this.#round ??= this.#interactions.work(signal, live).finally(() => (this.#round = null))
    return this.#round
  }

  async close(): Promise<void> {
    await this.#interactions.finish()
    if (this.isHeard) await flushBooks(this.tools, [this.book])
  }

  settingsOf(session: LiveSession): SessionSettings {
    return this.book.settingsOf(session)
  }

  isTaken({ key }: LiveSession): boolean {
    return this.book.isTaken(key)
  }

  /** Which prompt a session works on; null when it works on none of ours. */
  notePrompt(key: string, promptId: number | null): void {
    this.book.notePrompt(this.fleet.get(key), key, promptId)
  }

  /** Somebody wrote to the database: a person may have answered, a rule may have been enabled. */
  noticeNews(): void {
    this.#interactions.noticeNews()
  }

  #seen(session: LiveSession) {
    this.book.note(session)
    this.#interactions.note(session)
    this.#listeners.onNews()
  }

  #gone(session: LiveSession) {
    this.book.noteGone(session)
    this.#interactions.note(session)
    this.#listeners.onNews()
  }
}
