import type { EpochMs } from '../core/clock.ts'
import { addRefusals, type Refusals } from '../db/error/refusals.ts'
import type { Database } from '../db/open.ts'

/** Refusals are stored together, after this many ms; a crash costs the count of that time. */
const storeAfterMs = 1_000
/** Different ones that are told apart in that time; the rest counts as one. */
const mostKinds = 100

/** Counts what was not taken, at the cost of nearly nothing: whoever floods us pays for it, not the database. */
export class RefusalCount implements AsyncDisposable {
  readonly #database: Database
  readonly #onFault: (error: unknown) => void
  #counts = new Map<string, Refusals>()
  #timer: NodeJS.Timeout | null = null

  constructor(database: Database, onFault: (error: unknown) => void) {
    this.#database = database
    this.#onFault = onFault
  }

  add({ node, source, reason }: { node: string; source: string; reason: string }, now: EpochMs): void {
    this.#merge({ node, source, reason, count: 1, lastAt: now })
    this.#timer ??= setTimeout(() => void this.#store(), storeAfterMs).unref()
  }

  async [Symbol.asyncDispose]() {
    await this.#store()
    if (this.#timer) clearTimeout(this.#timer)
  }

  #merge(more: Refusals): void {
    const { node, source, reason } = more
    const key = `${node}\0${source}\0${reason}`
    const known = this.#counts.get(key)
    if (known) {
      known.count += more.count
      known.lastAt = Math.max(known.lastAt, more.lastAt)
    } else if (this.#counts.size < mostKinds) this.#counts.set(key, more)
    else if (node !== others) this.#merge({ ...more, node: others, source: '' })
    else this.#counts.set(key, more)
  }

  /** What can't be stored now is kept for the next time. */
  async #store(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#counts.size === 0) return
    const stored = [...this.#counts.values()]
    this.#counts = new Map()
    try {
      await this.#database.write((db) => addRefusals(db, stored))
    } catch (error) {
      for (const each of stored) this.#merge(each)
      this.#onFault(error)
    }
  }
}

const others = '(others)'
