import { sql } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import { isWaiting, isWanted } from './claims.ts'
import { dialectOf, type Dialect } from './dialect.ts'
import type { Db } from './schema.ts'

/** Prompts that wait for the same: a session, anyone with a tag, … */
export interface WaitingTarget {
  /** All of them have to be among a session's routes (`routesOf`), the most selective one first. */
  routes: string[]
  /** How many wait, `most` at most. */
  count: number
}

/** What is waited for now, so that nobody is asked in vain: a claim that finds nothing costs a lock. */
export async function waitingTargets(db: Db, most: number, now: EpochMs): Promise<WaitingTarget[]> {
  const index = indexOf[dialectOf(db)]
  const { rows } = await sql<WaitingRow>`select * from (
      select t.*, (select count(*) from (
        select 1 from prompts q ${index} where q.target_id = t.id and ${isWaiting} and ${isWanted(now)} limit ${most}
      ) head) as count from targets t order by t.id
    ) waiting where count > 0`.execute(db)
  return rows.map((row) => ({ routes: routesOfRow(row), count: Number(row.count) }))
}

const fields = ['session', 'dir', 'manager', 'tag', 'agent', 'tier', 'node'] as const
type WaitingRow = Record<(typeof fields)[number], string | null> & { route: string; count: number | string }

/** As in `claimNextPrompt`: with statistics SQLite takes to walking through the whole queue. */
const indexOf: Record<Dialect, ReturnType<typeof sql>> = {
  sqlite: sql`indexed by prompts_waiting`,
  postgres: sql``,
}

function routesOfRow(row: WaitingRow): string[] {
  const others = fields.flatMap((field) => (row[field] === null ? [] : [`${field}:${row[field]}`]))
  return [row.route, ...others.filter((route) => route !== row.route)]
}
