import { sql } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import type { Retention } from '../core/limits.ts'
import type { Db } from './schema.ts'

/** Rows that are beyond a limit, and about how much room they take. */
export interface Freed {
  rows: number
  bytes: number
}

const dayMs = 86_400_000
/** Columns of fixed size, and what indexes add. */
const eventBytes = 120
const promptBytes = 400
const attemptBytes = 400

/** What these limits would remove now; characters are counted as bytes. */
export async function whatRetentionFrees(
  db: Db,
  { eventDays, evidenceDays, promptDays }: Retention,
  now: EpochMs,
): Promise<{ events: Freed; evidence: Freed; prompts: Freed }> {
  const [events, evidence, prompts] = await Promise.all([
    db
      .selectFrom('events')
      .select([countRows, sumOf(sql`length(data) + ${eventBytes}`)])
      .where('at', '<', now - eventDays * dayMs)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('attempts')
      .select([countRows, sumOf(sql`length(evidence)`)])
      .where('outcome', 'is not', null)
      .where('ended_at', '<', now - evidenceDays * dayMs)
      .where(sql<boolean>`evidence <> '[]'`)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('prompts as p')
      .select([countRows, sumOf(sql`length(p.content) + ${promptBytes} + ${attemptsOfPrompt}`)])
      .where('p.ended_at', '<', now - promptDays * dayMs)
      .where('p.state', 'in', ['completed', 'failed', 'cancelled'])
      .executeTakeFirstOrThrow(),
  ])
  return { events, evidence, prompts }
}

const countRows = sql<number>`count(*)`.as('rows')

function sumOf(bytes: ReturnType<typeof sql>) {
  return sql<number>`cast(coalesce(sum(${bytes}), 0) as double precision)`.as('bytes')
}

const attemptsOfPrompt = sql`coalesce((
  select sum(coalesce(length(a.answer), 0) + length(a.evidence) + ${attemptBytes})
  from attempts a where a.prompt_id = p.id), 0)`
