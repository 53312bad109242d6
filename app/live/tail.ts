import { messageOf } from '../core/errors.ts'
import type { LoggedEvent } from '../core/event.ts'
import { eventsAfter, latestCursor } from '../db/events.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'

/** A notification may be lost: the log is looked at this often anyway, in ms. */
const lookEveryMs = 1_000
/** Rows of one read. */
const pageSize = 500

type Listener = (events: readonly LoggedEvent[]) => void

/** Follows the event log from its end, once for the whole process, and tells everything in order, once. */
export class EventTail implements AsyncDisposable {
  readonly #database: Database
  readonly #log: Log
  readonly #listeners = new Set<Listener>()
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void
  #cursor: number
  #reading: Promise<void> | null = null
  #isStale = false
  #hasFailed = false
  #isClosed = false

  static async open(database: Database, log: Log): Promise<EventTail> {
    return new EventTail(database, log, await latestCursor(database.kysely))
  }

  private constructor(database: Database, log: Log, cursor: number) {
    this.#database = database
    this.#log = log
    this.#cursor = cursor
    this.#unsubscribe = database.bus.subscribe(() => this.#look())
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
  }

  /** The id of the last event that was told. */
  get cursor(): number {
    return this.#cursor
  }

  /** Returns the way to stop. */
  onEvents(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    clearInterval(this.#timer)
    await this.#reading
  }

  #look() {
    this.#isStale = true
    if (this.#isClosed) return
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null
      if (this.#isStale && !this.#hasFailed) this.#look()
    })
  }

  async #readAll() {
    this.#hasFailed = false
    try {
      while (this.#isStale && !this.#isClosed) {
        this.#isStale = false
        await this.#readPages()
      }
    } catch (error) {
      this.#hasFailed = true
      // The next look begins at the same cursor.
      this.#log.json.warn({ err: error }, `the event log could not be read: ${messageOf(error)}`)
    }
  }

  async #readPages() {
    for (;;) {
      const events = await eventsAfter(this.#database.kysely, this.#cursor, { limit: pageSize })
      const last = events.at(-1)
      if (!last || this.#isClosed) return
      this.#cursor = last.id
      for (const listener of this.#listeners) listener(events)
      if (events.length < pageSize) return
    }
  }
}
