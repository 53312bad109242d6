import { z } from 'zod'
import { nouns, type LoggedEvent, type Noun } from '../../core/event.ts'
import { eventsAfter, latestCursor, oldestCursor } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import { toJson } from '../../json.ts'
import { mayAdminister, type Caller } from '../caller.ts'
import { defineRoute, type Route } from '../route.ts'
import { limitSchema } from '../schemas/list.ts'
import { activitySchema } from './activity.ts'

/** Longer than a minute and proxies cut it off. */
const maxWaitSeconds = 25

/**
 * The log for programs that follow it without a socket: what came after a cursor, at once, or as soon as there
 * is something. Without `after` it says where the log ends now.
 */
export const eventsRoute: Route = defineRoute({
  method: 'get',
  path: '/api/events',
  tag: 'Activity',
  summary: 'What happened after a cursor, oldest first; waits for it when asked to',
  access: { role: 'viewer', scope: 'read' },
  query: z.object({
    after: z.coerce.number().int().min(0).optional().describe('`cursor` of the answer before'),
    noun: z.enum(nouns).optional(),
    noun_id: z.string().max(500).optional(),
    limit: limitSchema,
    wait: z.coerce.number().int().min(0).max(maxWaitSeconds).default(0).describe('seconds'),
  }),
  reply: z.object({
    items: z.array(activitySchema),
    cursor: z.number(),
    reset: z
      .boolean()
      .describe('what came after that cursor is forgotten, or it is of another log: look at everything anew'),
  }),
  async handle({ web, query, caller, whileConnected }) {
    const { database } = web
    const end = await latestCursor(database.kysely)
    if (query.after === undefined) return { items: [], cursor: end, reset: false }
    if (query.after > end || query.after + 1 < (await oldestCursor(database.kysely))) {
      return { items: [], cursor: end, reset: true }
    }
    const connected = whileConnected()
    const filter = {
      limit: query.limit,
      ...(query.noun && { noun: query.noun }),
      ...(query.noun_id !== undefined && { nounId: query.noun_id }),
    }
    const until = performance.now() + query.wait * 1_000
    for (let after = query.after; ;) {
      const page = await readPage(database, after, filter)
      const items = page.items.filter((event) => mayKnow(caller!, event))
      const isOver = connected.aborted || performance.now() >= until
      if (items.length > 0 || isOver) return { items: toJson(items), cursor: page.cursor, reset: false }
      if (page.cursor === after) await newsOr(database, until - performance.now(), connected)
      if (connected.aborted) return { items: [], cursor: page.cursor, reset: false }
      after = page.cursor
    }
  },
})

/** Where nothing more came, the next page begins at the end of the log as it was before the look. */
async function readPage(
  { kysely }: Database,
  after: number,
  filter: { limit: number; noun?: Noun; nounId?: string },
): Promise<{ items: LoggedEvent[]; cursor: number }> {
  const end = Math.max(after, await latestCursor(kysely))
  const items = await eventsAfter(kysely, after, filter)
  const isAll = items.length < filter.limit
  return { items, cursor: Math.max(isAll ? end : 0, items.at(-1)?.id ?? 0) }
}

function mayKnow(caller: Caller, { noun }: LoggedEvent): boolean {
  return mayAdminister(caller) || (noun !== 'account' && noun !== 'login')
}

/** A notification is a hint and may be lost: the log is looked at this often anyway, in ms. */
const slowPollMs = 1_000

function newsOr({ bus }: Database, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      unsubscribe()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(slowPollMs, Math.max(0, ms)))
    const unsubscribe = bus.subscribe(done)
    signal.addEventListener('abort', done)
  })
}
