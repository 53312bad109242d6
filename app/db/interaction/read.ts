import { AppError } from '../../core/errors.ts'
import { openInteractionStates, type InteractionId, type InteractionState } from '../../core/interaction.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { toInteraction, type StoredInteraction } from './row.ts'

/** Throws `not_found`. */
export async function getInteraction(db: Db, id: InteractionId): Promise<StoredInteraction> {
  const row = await db.selectFrom('interactions').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no interaction ${id}.`)
  return toInteraction(row)
}

export interface InteractionFilter {
  states?: readonly InteractionState[]
  sessionKey?: string
  sessionName?: string
  /** Only older ones than this id. */
  before?: InteractionId
  limit: number
}

/** The newest first. */
export async function listInteractions(db: Db, filter: InteractionFilter): Promise<StoredInteraction[]> {
  const { states, sessionKey, sessionName, before, limit } = filter
  let query = db.selectFrom('interactions').selectAll().orderBy('id', 'desc').limit(limit)
  if (states) query = query.where('state', 'in', [...states])
  if (sessionKey !== undefined) query = query.where('session_key', '=', sessionKey)
  if (sessionName !== undefined) query = query.where('session_name', '=', sessionName)
  if (before !== undefined) query = query.where('id', '<', before)
  return (await query.execute()).map(toInteraction)
}

/** Those that somebody or something still has to act on, the oldest first; of one node when asked for. */
export async function liveInteractions(db: Db, node?: string): Promise<StoredInteraction[]> {
  const rows = node === undefined ? await selectLive(db, {}) : await selectLiveOf(db, { node })
  return rows.map(toInteraction)
}

const selectLive = compileOnce((db) =>
  db
    .selectFrom('interactions')
    .selectAll()
    .where('state', 'in', [...openInteractionStates])
    .orderBy('id'),
)

const selectLiveOf = compileOnce((db, p: { node: string }) =>
  db
    .selectFrom('interactions')
    .selectAll()
    .where('state', 'in', [...openInteractionStates])
    .where('node', '=', p.node)
    .orderBy('id'),
)
