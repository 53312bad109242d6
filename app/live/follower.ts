import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../db/schema.ts'
import { readBacklog, type Backlog } from './backlog.ts'
import type { LiveSocket } from './socket.ts'
import { isFor, toMessage, type EventMessage, type Topic } from './topics.ts'

/** Bursts are gathered for this long, in ms. */
const betweenMessagesMs = 50
/** Events in one message. */
const perMessage = 200
/** A client that has not taken a message within this is cut off; it comes back with its cursor. In ms. */
const takeWithinMs = 30_000
/** Of events that are not for this client: then it gets the new cursor alone. */
const silentAtMost = 500

/** What a client is sent: events in their order and the cursor after them, or that it has to begin anew. */
export interface EventsMessage {
  cursor: number
  reset: boolean
  events: EventMessage[]
}

/**
 * One client's way through the event log. One message is under way at a time, however often the client asks anew,
 * and the next is cut when it was taken, so that a slow client costs a number of memory and gets larger messages
 * instead of more.
 */
export class Follower {
  readonly #socket: LiveSocket
  readonly #backlog: Backlog
  readonly #db: Db
  #topics: ReadonlySet<Topic> = new Set()
  #cursor = 0
  #told = 0
  #isBusy = false
  #isStale = false
  /** Which call of `follow` counts: what was read for an earlier one is not sent. */
  #turn = 0

  constructor(socket: LiveSocket, backlog: Backlog, db: Db) {
    this.#socket = socket
    this.#backlog = backlog
    this.#db = db
  }

  get topics(): ReadonlySet<Topic> {
    return this.#topics
  }

  /** From `cursor` on, or from now when the client has none. Returns where it begins. */
  follow(wanted: readonly Topic[], cursor: number | null): number {
    this.#topics = new Set(wanted)
    this.#cursor = this.#told = cursor ?? this.#backlog.cursor
    this.#turn += 1
    return this.#cursor
  }

  /** Sends what is new; what comes while a message is under way follows it. */
  async pump(): Promise<void> {
    this.#isStale = true
    if (this.#isBusy) return
    this.#isBusy = true
    try {
      while (this.#isStale) {
        this.#isStale = false
        while (this.#socket.connected && (await this.#sendNext())) await sleep(betweenMessagesMs)
      }
    } finally {
      this.#isBusy = false
    }
  }

  /** false: nothing to send. */
  async #sendNext(): Promise<boolean> {
    if (this.#topics.size === 0) return false
    const turn = this.#turn
    const events = this.#backlog.after(this.#cursor) ?? (await readBacklog(this.#db, this.#cursor))
    if (turn !== this.#turn) return true
    if (!events) return this.#reset()
    const page = events.slice(0, perMessage)
    const last = page.at(-1)
    if (!last) return false
    this.#cursor = last.id
    const own = page.filter((event) => isFor(event, this.#topics, this.#socket.data.caller))
    if (own.length === 0 && last.id - this.#told < silentAtMost) return true
    return this.#send({ cursor: last.id, reset: false, events: own.map(toMessage) })
  }

  #reset(): Promise<boolean> {
    this.#cursor = this.#backlog.cursor
    return this.#send({ cursor: this.#cursor, reset: true, events: [] })
  }

  async #send(message: EventsMessage): Promise<boolean> {
    this.#told = message.cursor
    try {
      await this.#socket.timeout(takeWithinMs).emitWithAck('events', message)
      return true
    } catch {
      // Gone, or as good as gone; on its way back it says its cursor.
      this.#socket.disconnect(true)
      return false
    }
  }
}
