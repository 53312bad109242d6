import type { LoggedEvent } from '../core/event.ts'
import { eventsAfter, latestCursor, oldestCursor } from '../db/events.ts'
import type { Db } from '../db/schema.ts'

/** The newest events that are kept in memory for everybody; who is further behind asks the database. */
const keptEvents = 2_000
/** Who is further behind than this starts anew: loading a page again is cheaper than telling so much. */
export const farthestBehind = 1_000

/** What happened last, shared by all clients: each of them keeps its own cursor and nothing else. */
export class Backlog {
  #events: LoggedEvent[] = []
  /** Everything after this is here. */
  #since: number

  constructor(cursor: number) {
    this.#since = cursor
  }

  get cursor(): number {
    return this.#events.at(-1)?.id ?? this.#since
  }

  add(events: readonly LoggedEvent[]): void {
    this.#events.push(...events)
    if (this.#events.length <= 2 * keptEvents) return
    const dropped = this.#events.splice(0, this.#events.length - keptEvents)
    this.#since = dropped.at(-1)!.id
  }

  /** null: what followed the cursor is no longer here, or too much of it, or the cursor is not from here. */
  after(cursor: number): readonly LoggedEvent[] | null {
    if (cursor < this.#since || cursor > this.cursor) return null
    const from = firstAfter(this.#events, cursor)
    return this.#events.length - from > farthestBehind ? null : this.#events.slice(from)
  }
}

/**
 * What the log has after a cursor; null when that can't be told without a gap: too far behind, forgotten by
 * retention, or a cursor of another database.
 */
export async function readBacklog(db: Db, cursor: number): Promise<LoggedEvent[] | null> {
  const [oldest, newest] = [await oldestCursor(db), await latestCursor(db)]
  if (cursor > newest || cursor + 1 < oldest) return null
  const events = await eventsAfter(db, cursor, { limit: farthestBehind + 1 })
  return events.length > farthestBehind ? null : events
}

/** Ids rise; the first index whose id is above the cursor. */
function firstAfter(events: readonly LoggedEvent[], cursor: number): number {
  let [low, high] = [0, events.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (events[middle]!.id > cursor) high = middle
    else low = middle + 1
  }
  return low
}
