import type { EpochMs } from '../core/clock.ts'
import type { Retention } from '../core/limits.ts'
import { trimErrorCounts, trimErrorGroups } from './error/retention.ts'
import { toJson } from './columns.ts'
import type { Database } from './open.ts'
import { clearPrompts } from './prompt/clear.ts'
import type { Db } from './schema.ts'
import { getRetention } from './settings.ts'
import { trimTasks, trimWorkers } from './task/retention.ts'

const dayMs = 24 * 60 * 60_000

/** What nobody settles: `getRetention` has the rest. */
const fixed = {
  /** About 200 bytes each; what tails the log is never further behind than minutes. */
  events: 200_000,
  goneSessionsMs: 7 * dayMs,
  deadProcessesMs: dayMs,
  deadWorkersMs: 7 * dayMs,
  /** A row for each session, day and model. */
  usageMs: 400 * dayMs,
} as const

/** Rows per transaction, so that nobody waits long for the database. */
const batch = 500

/** Removes what is beyond the limits, in small steps; returns the number of rows. Stops early on `signal`. */
export async function applyRetention(
  database: Database,
  now: EpochMs,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0
  const kept = await getRetention(database.kysely)
  for (const trim of trims) {
    for (;;) {
      if (signal?.aborted) return total
      const count = await database.write((db) => trim(db, now, kept))
      total += count
      if (count < batch) break
    }
  }
  return total
}

/** What was decided stays as long as prompts do; what the screen showed, as long as other evidence. */
async function trimScreens(db: Db, now: EpochMs, { evidenceDays }: Retention): Promise<number> {
  const old = await db
    .selectFrom('interactions')
    .select('id')
    .where('ended_at', '<', now - evidenceDays * dayMs)
    .where('screen', 'is not', null)
    .limit(batch)
    .execute()
  if (old.length === 0) return 0
  const ids = old.map(({ id }) => id)
  await db.updateTable('interactions').set({ screen: null }).where('id', 'in', ids).execute()
  return old.length
}

function trimInteractions(db: Db, now: EpochMs, { promptDays }: Retention): Promise<number> {
  const old = db
    .selectFrom('interactions')
    .select('id')
    .where('ended_at', '<', now - promptDays * dayMs)
    .limit(batch)
  return deleted(db.deleteFrom('interactions').where('id', 'in', old).execute())
}

async function trimUsage(db: Db, now: EpochMs): Promise<number> {
  return deleted(
    db
      .deleteFrom('session_usage')
      .where('day', '<', now - fixed.usageMs)
      .execute(),
  )
}

/** Ids rise with time, so only the oldest rows have to be looked at. */
async function trimEvents(db: Db, now: EpochMs, { eventDays }: Retention): Promise<number> {
  const newest = await db.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  const oldest = await db.selectFrom('events').select(['id', 'at']).orderBy('id').limit(batch).execute()
  const lastKept = (newest?.id ?? 0) - fixed.events
  const old = oldest.filter(({ id, at }) => id <= lastKept || at < now - eventDays * dayMs)
  const last = old.at(-1)
  if (!last) return 0
  return deleted(db.deleteFrom('events').where('id', '<=', last.id).execute())
}

async function trimEvidence(db: Db, now: EpochMs, { evidenceDays }: Retention): Promise<number> {
  const old = await db
    .selectFrom('attempts')
    .select('id')
    .where('outcome', 'is not', null)
    .where('ended_at', '<', now - evidenceDays * dayMs)
    .where('evidence', '<>', noEvidence)
    .limit(batch)
    .execute()
  if (old.length === 0) return 0
  const ids = old.map(({ id }) => id)
  await db.updateTable('attempts').set({ evidence: noEvidence }).where('id', 'in', ids).execute()
  return old.length
}

const noEvidence = toJson([])

function trimSessions(db: Db, now: EpochMs): Promise<number> {
  const query = db
    .deleteFrom('sessions')
    .where('state', '=', 'gone')
    .where('since', '<', now - fixed.goneSessionsMs)
  return deleted(query.execute())
}

function trimProcesses(db: Db, now: EpochMs): Promise<number> {
  return deleted(
    db
      .deleteFrom('processes')
      .where('heartbeat_at', '<', now - fixed.deadProcessesMs)
      .execute(),
  )
}

function trimPrompts(db: Db, now: EpochMs, { promptDays }: Retention): Promise<number> {
  return clearPrompts(db, { olderThan: now - promptDays * dayMs, limit: batch }, now)
}

/** Targets that no prompt has any more. */
function trimTargets(db: Db): Promise<number> {
  const query = db
    .deleteFrom('targets')
    .where((eb) =>
      eb.not(
        eb.exists(eb.selectFrom('prompts').select('id').whereRef('prompts.target_id', '=', 'targets.id')),
      ),
    )
  return deleted(query.execute())
}

const trims: ((db: Db, now: EpochMs, kept: Retention) => Promise<number>)[] = [
  trimEvents,
  trimEvidence,
  trimScreens,
  trimInteractions,
  trimSessions,
  trimProcesses,
  trimPrompts,
  trimTargets,
  trimUsage,
  (db, now, { promptDays }) => trimTasks(db, now - promptDays * dayMs, batch),
  (db, now) => trimWorkers(db, now - fixed.deadWorkersMs, batch),
  (db, now) => trimErrorCounts(db, now, batch),
  (db, now, { promptDays }) => trimErrorGroups(db, now - promptDays * dayMs, batch),
]

async function deleted(results: Promise<{ numDeletedRows: bigint }[]>): Promise<number> {
  const [result] = await results
  return Number(result?.numDeletedRows ?? 0)
}
