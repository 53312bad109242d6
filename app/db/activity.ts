import type { Actor } from '../core/account.ts'
import type { EpochMs } from '../core/clock.ts'
import type { LoggedEvent, Noun } from '../core/event.ts'
import { toEvent } from './events.ts'
import type { Db } from './schema.ts'

export interface ActivityFilter {
  limit: number
  /** Only older rows than this one. */
  before?: number
  noun?: Noun
  nounId?: string
  type?: string
  /** Epoch ms, both included. */
  since?: EpochMs
  until?: EpochMs
  without?: readonly Noun[]
  actorKinds?: readonly Actor['kind'][]
  actorName?: string
}

/** What happened and who did it, the newest first. */
export async function listActivity(db: Db, filter: ActivityFilter): Promise<LoggedEvent[]> {
  const { limit, before, noun, without, actorKinds, actorName, nounId, type, since, until } = filter
  let query = db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  if (noun !== undefined) query = query.where('noun', '=', noun)
  if (nounId !== undefined) query = query.where('noun_id', '=', nounId)
  if (type !== undefined) query = query.where('type', '=', type)
  if (since !== undefined) query = query.where('at', '>=', since)
  if (until !== undefined) query = query.where('at', '<=', until)
  if (without) query = query.where('noun', 'not in', [...without])
  if (actorKinds) query = query.where('actor_kind', 'in', [...actorKinds])
  if (actorName !== undefined) query = query.where('actor_name', '=', actorName)
  return (await query.execute()).map(toEvent)
}
