import { z } from 'zod'
import { nouns, type LoggedEvent, type Noun } from '../../core/event.ts'
import { eventsAfter, latestCursor } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import { toJson } from '../../json.ts'
import type { Caller } from '../caller.ts'
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
  reply: z.object({ items: z.array(activitySchema), cursor: z.number() }),
  async handle({ web, query, caller }) {
    const { database } = web
    if (query.after === undefined) return { items: [], cursor: await latestCursor(database.kysely) }
    const filter = {
      limit: query.limit,
      ...(query.noun && { noun: query.noun }),
      ...(query.noun_id !== undefined && { nounId: query.noun_id }),
    }
    const until = Date.now() + query.wait * 1_000
    for (let after = query.after; ;) {
      const page = await readPage(database, after, filter)
      const items = page.items.filter((event) => mayKnow(caller, event))
      if (items.length > 0 || Date.now() >= until) return { items: toJson(items), cursor: page.cursor }
      if (page.cursor === after) await newsOr(database, until - Date.now())
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

/** Other people's accounts are the business of admins. */
function mayKnow(caller: Caller | null, { noun }: LoggedEvent): boolean {
  return caller?.role === 'admin' || (noun !== 'account' && noun !== 'login')
}

/** A notification is a hint and may be lost: the log is looked at this often anyway, in ms. */
const slowPollMs = 1_000

function newsOr({ bus }: Database, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      unsubscribe()
      resolve()
    }
    const timer = setTimeout(done, Math.min(slowPollMs, Math.max(0, ms)))
    const unsubscribe = bus.subscribe(done)
  })
}
