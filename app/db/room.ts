import { sql } from 'kysely'
import type { Tier } from '../core/hierarchy.ts'
import { dialectOf } from './dialect.ts'
import { compileOnce, rawQuery } from './hot.ts'
import type { Db } from './schema.ts'

/** How many sessions of a tier may work at the same time, and how many of those that the same session leads. */
export interface Room {
  tier: Tier
  ofTier: number
  /** As the settings of what it leads name it; null: nobody leads it. */
  manager: string | null
  ofManager: number
}

/** Any number that nobody else takes such a lock by. */
const roomLock = 7_310_264

/**
 * Whether one more may work, wherever the others do. In the transaction that lets it: on PostgreSQL others wait until
 * that has ended, unless there are too few sessions for any limit.
 */
export async function hasRoom(db: Db, room: Room): Promise<boolean> {
  const least = room.manager === null ? room.ofTier : Math.min(room.ofTier, room.ofManager)
  const [sessions] = await countSessions(db, { most: least + 1 })
  if ((sessions?.count ?? 0) <= least) return true
  if (dialectOf(db) === 'postgres') await sql`select pg_advisory_xact_lock(${roomLock})`.execute(db)
  const [working] = await countWorking(db, { tier: room.tier, manager: room.manager ?? '' })
  const { of_tier: ofTier = 0, of_manager: ofManager = 0 } = working ?? {}
  return ofTier < room.ofTier && (room.manager === null || ofManager < room.ofManager)
}

const countSessions = compileOnce((db, p: { most: number }) =>
  rawQuery<{ count: number }>(
    db,
    sql`select count(*) as count from (select 1 from sessions limit cast(${p.most} as integer)) seen`,
  ),
)

/** A session without settings is a worker that nobody leads. */
const countWorking = compileOnce((db, p: { tier: string; manager: string }) =>
  rawQuery<{ of_tier: number; of_manager: number }>(
    db,
    sql`select count(case when coalesce(s.tier, 'worker') = ${p.tier} then 1 end) as of_tier,
        count(case when s.manager = ${p.manager} then 1 end) as of_manager
      from attempts a left join session_settings s
        on s.name = a.session_name and substr(a.session_key, 1, length(s.node) + 1) = s.node || '/'
      where a.outcome is null`,
  ),
)
