import { AppError } from '../../core/errors.ts'
import type { Log } from '../../log.ts'
import type { ShownPane } from './find-pane.ts'
import { SharedTerminal } from './shared-terminal.ts'

export type Mode = 'view' | 'type'

/** Attached terminals of the whole dashboard: each is a process and a client of tmux. */
const mostAttached = 100

/** A place at a shared terminal; `leave` gives it back, and the last one ends the terminal. */
export interface Place {
  shared: SharedTerminal
  leave(): Promise<void>
}

/** One attached terminal for each pane of each node and each mode, however many look at it. */
export class SharedTerminals implements AsyncDisposable {
  readonly #log: Log
  readonly #entries = new Map<string, Entry>()

  constructor(log: Log) {
    this.#log = log
  }

  async join(pane: ShownPane, mode: Mode): Promise<Place> {
    const key = `${mode} ${pane.key}`
    if (!this.#entries.has(key) && this.#entries.size >= mostAttached) {
      throw new AppError('unavailable', 'Too many sessions are shown in terminals. Close one.')
    }
    const entry = this.#entries.get(key) ?? this.#open(key, pane, mode)
    entry.users += 1
    const leave = async () => {
      entry.users -= 1
      if (entry.users > 0) return
      this.#drop(key, entry)
      await (await entry.opened.catch(() => null))?.close()
    }
    try {
      return { shared: await entry.opened, leave }
    } catch (error) {
      await leave()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [...this.#entries.values()].map((entry) => entry.opened)
    this.#entries.clear()
    await Promise.allSettled(opened.map(async (shared) => (await shared).close()))
  }

  #open(key: string, pane: ShownPane, mode: Mode): Entry {
    const opened = pane.site.terminals
      .attach(pane, mode)
      .then((terminal) => new SharedTerminal(terminal, this.#log))
    const entry: Entry = { opened, users: 0 }
    this.#entries.set(key, entry)
    // Who joins after its end gets a new one. That it never began is for those who wait for it.
    opened.then((shared) => shared.ended.then(() => this.#drop(key, entry))).catch(() => undefined)
    return entry
  }

  #drop(key: string, entry: Entry) {
    if (this.#entries.get(key) === entry) this.#entries.delete(key)
  }
}

interface Entry {
  opened: Promise<SharedTerminal>
  users: number
}
