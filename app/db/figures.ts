import { sql } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import type { PromptState } from '../core/prompt.ts'
import type { Db } from './schema.ts'

/** What ended in one slice of time. */
export interface EndedSlot {
  /** Counted from `since`, in steps of `slotMs`. */
  slot: number
  state: PromptState
  count: number
}

/** How many prompts ended since then, per slice and state; slices without any are left out. */
export async function endedPerSlot(db: Db, since: EpochMs, slotMs: number): Promise<EndedSlot[]> {
  const slot = sql<number>`(ended_at - cast(${since} as bigint)) / cast(${slotMs} as bigint)`
  return db
    .selectFrom('prompts')
    .select((eb) => [slot.as('slot'), 'state', eb.fn.countAll<number>().as('count')])
    .where('ended_at', '>=', since)
    .groupBy([sql`1`, 'state'])
    .execute()
}

/** When the prompt was queued that has waited longest; null when none waits. */
export async function oldestWaiting(db: Db): Promise<EpochMs | null> {
  const row = await db
    .selectFrom('prompts')
    .select((eb) => eb.fn.min('enqueued_at').as('oldest'))
    .where(sql<boolean>`state = 'pending'`)
    .executeTakeFirst()
  return row?.oldest ?? null
}

/** Tokens and cost of the attempts that ended in one slice of time. */
export interface SpentSlot {
  slot: number
  agent: string
  attempts: number
  tokens: number
  costUsd: number
}

/** What was spent since then, per slice and agent kind. */
export async function spentPerSlot(db: Db, since: EpochMs, slotMs: number): Promise<SpentSlot[]> {
  return db
    .selectFrom('attempts')
    .select((eb) => [
      sql<number>`(ended_at - cast(${since} as bigint)) / cast(${slotMs} as bigint)`.as('slot'),
      'agent',
      eb.fn.countAll<number>().as('attempts'),
      sql<number>`cast(coalesce(sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), 0) as double precision)`.as(
        'tokens',
      ),
      sql<number>`coalesce(sum(cost_usd), 0)`.as('costUsd'),
    ])
    .where('outcome', 'is not', null)
    .where('ended_at', '>=', since)
    .groupBy([sql`1`, 'agent'])
    .orderBy(sql`1`)
    .execute()
}

/** Tokens and cost of all attempts that ended since then, as far as agents said it. */
export async function spentSince(db: Db, since: EpochMs): Promise<{ tokens: number; costUsd: number }> {
  return db
    .selectFrom('attempts')
    .select([
      sql<number>`cast(coalesce(sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), 0) as double precision)`.as(
        'tokens',
      ),
      sql<number>`coalesce(sum(cost_usd), 0)`.as('costUsd'),
    ])
    .where('outcome', 'is not', null)
    .where('ended_at', '>=', since)
    .executeTakeFirstOrThrow()
}
