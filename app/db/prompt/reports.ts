import { sql, type SqlBool } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { endStates, type Hold, type Prompt, type PromptId, type PromptState } from '../../core/prompt.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toPrompt } from './row.ts'

/*
 * Ends of which somebody has to hear. `report` is moved in the transaction that hands the news over, so that
 * they are told once, whoever dies in between.
 */

/** More than this are told with the next digest. */
const mostAtOnce = 100

/** Parts of a prompt that ended and that nobody waits for, in the order of their ends. */
export async function dueChildren(db: Db, parent: PromptId, now: EpochMs): Promise<Prompt[]> {
  const rows = await dueReports(db, now).where('parent_id', '=', parent).execute()
  return rows.map(toPrompt)
}

/** The same of what a session sent without a prompt of its own. */
export async function dueToSender(db: Db, sentBy: string, now: EpochMs): Promise<Prompt[]> {
  const rows = await dueReports(db, now).where('depth', '=', 0).where('sent_by', '=', sentBy).execute()
  return rows.map(toPrompt)
}

function dueReports(db: Db, now: EpochMs) {
  return db
    .selectFrom('prompts')
    .selectAll()
    .where('report', '=', 'due')
    .where((eb) => eb.or([eb('awaited_until', 'is', null), eb('awaited_until', '<', now)]))
    .orderBy('ended_at')
    .orderBy('id')
    .limit(mostAtOnce)
}

/** Sessions that sent something without a prompt of their own and have to hear of an end before `before`. */
export async function sendersWithDue(db: Db, before: EpochMs): Promise<string[]> {
  const rows = await db
    .selectFrom('prompts')
    .select('sent_by')
    .where('report', '=', 'due')
    .where('depth', '=', 0)
    .where('ended_at', '<=', before)
    .where('sent_by', 'is not', null)
    .groupBy('sent_by')
    .execute()
  return rows.map(({ sent_by }) => sent_by!)
}

/** Moves these to `told`; returns those of which this call is the one that tells. */
export async function markTold(db: Db, ids: readonly PromptId[]): Promise<PromptId[]> {
  if (ids.length === 0) return []
  const rows = await db
    .updateTable('prompts')
    .set({ report: 'told', awaited_until: null })
    .where('id', 'in', [...ids])
    .where('report', '=', 'due')
    .returning('id')
    .execute()
  return rows.map(({ id }) => id)
}

/** Keeps digests from being made of these while somebody waits for them. */
export async function markAwaited(db: Db, ids: readonly PromptId[], until: EpochMs | null): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('prompts')
    .set({ awaited_until: until })
    .where('id', 'in', [...ids])
    .execute()
}

/**
 * Prompts that wait for their parts and have something to hear: a part ended before `before`, or none is left
 * that could end.
 */
export async function parentsToTell(db: Db, before: EpochMs): Promise<Prompt[]> {
  const rows = await db
    .selectFrom('prompts')
    .selectAll()
    .where('state', '=', 'pending')
    .where('hold', '=', 'children')
    .where((eb) => {
      const part = eb
        .selectFrom('prompts as part')
        .select('part.id')
        .whereRef('part.parent_id', '=', 'prompts.id')
      const ended = part.where('part.report', '=', 'due').where('part.ended_at', '<=', before)
      const open = part.where('part.state', 'not in', [...endStates])
      return eb.or([eb.exists(ended), eb.not(eb.exists(open))])
    })
    .orderBy('id')
    .limit(mostAtOnce)
    .execute()
  return rows.map(toPrompt)
}

/** Lets a prompt that waits for its parts go on with `text`; false when it does not wait for them any more. */
export async function goOnWith(db: Db, id: PromptId, text: string, now: EpochMs): Promise<boolean> {
  const rows = await db
    .updateTable('prompts')
    .set((eb) => ({
      hold: sql<Hold | null>`null`,
      next_text: text,
      waiting_for: null,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .where('hold', '=', 'children')
    .returning('id')
    .execute()
  if (rows.length === 0) return false
  appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type: 'digest', data: {} })
  return true
}

/** Nothing can be added to it, and no other process moves it, until this write is over. */
export async function lockPrompt(db: Db, id: PromptId): Promise<PromptState | null> {
  const query = db.selectFrom('prompts').select('state').where('id', '=', id)
  const row = await (dialectOf(db) === 'postgres' ? query.forUpdate() : query).executeTakeFirst()
  return row?.state ?? null
}

/** Prompts that wait to go on in a session which has been gone since `before`. */
export async function promptsOfGoneSessions(db: Db, before: EpochMs): Promise<Prompt[]> {
  const rows = await db
    .selectFrom('prompts')
    .selectAll()
    .where('state', '=', 'pending')
    .where('first_target', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('sessions as s')
            .select('s.key')
            .where((or) =>
              or.or([or('s.state', 'not in', ['gone', 'not_agent']), or('s.since', '>', before)]),
            )
            .where(
              sql<SqlBool>`(s.key = prompts.session_key or (s.name = prompts.session_name
                and prompts.session_key like s.node || '/%'))`,
            ),
        ),
      ),
    )
    .orderBy('id')
    .limit(mostAtOnce)
    .execute()
  return rows.map(toPrompt)
}

/** Whether a digest waits for this session already: what ends meanwhile is for the next one. */
export async function isDigestWaiting(db: Db, sentBy: string): Promise<boolean> {
  const row = await db
    .selectFrom('prompts as p')
    .innerJoin('targets as t', 't.id', 'p.target_id')
    .select('p.id')
    .where('p.state', '=', 'pending')
    .where('p.kind', '=', 'digest')
    .where('t.session', '=', sentBy)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
