import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent } from '../core/event.ts'
import type { PromptId } from '../core/prompt.ts'
import { toEvent } from './events.ts'
import type { Db } from './schema.ts'

/** More steps than a story that anybody reads. */
const maxSteps = 500

/** What happened to a prompt, oldest first. */
export async function eventsOfPrompt(db: Db, id: PromptId): Promise<LoggedEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('noun', '=', 'prompt')
    .where('noun_id', '=', String(id))
    .orderBy('id')
    .limit(maxSteps)
    .execute()
  return rows.map(toEvent)
}

/** What a session did in a span of time, oldest first. */
export async function eventsOfSession(
  db: Db,
  key: string,
  span: { from: EpochMs; to: EpochMs; limit?: number },
): Promise<LoggedEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('noun', '=', 'session')
    .where('noun_id', '=', key)
    .where('at', '>=', span.from)
    .where('at', '<=', span.to)
    .orderBy('id', 'desc')
    .limit(span.limit ?? maxSteps)
    .execute()
  return rows.map(toEvent).toReversed()
}
