import type { LoggedEvent } from '../../core/event.ts'
import type { Prompt } from '../../core/prompt.ts'
import { isAppError } from '../../core/errors.ts'
import { eventsAfter } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import type { Desk, EventFilter } from '../desk/desk.ts'

/** A notification is a hint only: without one, the log is looked at this often, in ms. */
const slowPollMs = 1000
const eventsPerLook = 200

/** Hands over every event after `cursor`, in order and soon after it was stored, until `signal` aborts. */
export async function* followEvents(
  database: Database,
  cursor: number,
  signal: AbortSignal,
  filter: EventFilter = {},
): AsyncGenerator<LoggedEvent> {
  using waiting = waitForNews(database, signal)
  let at = cursor
  while (!signal.aborted) {
    const events = await eventsAfter(database.kysely, at, { limit: eventsPerLook, ...filter })
    for (const event of events) {
      yield event
      at = event.id
    }
    if (events.length === 0) await waiting.next()
  }
}

/** The prompt an event is about, as it is now; null when it has been deleted or the event is about something else. */
export async function promptOf(desk: Desk, event: LoggedEvent): Promise<Prompt | null> {
  if (event.noun !== 'prompt') return null
  try {
    return await desk.prompt(Number(event.nounId))
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    throw error
  }
}

function waitForNews(database: Database, signal: AbortSignal) {
  let wake: () => void = () => undefined
  const unsubscribe = database.bus.subscribe(() => wake())
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  return {
    next: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, slowPollMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (signal.aborted) wake()
      }),
    [Symbol.dispose]() {
      unsubscribe()
      signal.removeEventListener('abort', onAbort)
    },
  }
}
