import { readBudget, startOfDay, type Budget, type BudgetReading, type Spent } from '../core/limits.ts'
import type { EpochMs } from '../core/clock.ts'
import { getControls, setControls } from '../db/controls.ts'
import { spentSince } from '../db/figures.ts'
import type { Database } from '../db/open.ts'
import type { Db } from '../db/schema.ts'
import { getBudget } from '../db/settings.ts'

/** Why the queue stands, and what resuming by itself looks for. */
export const budgetReason = "Today's budget is spent."

/** What was spent today, and what that is of the budget. */
export async function budgetToday(
  db: Db,
  now: EpochMs,
): Promise<{ budget: Budget; spent: Spent; reading: BudgetReading }> {
  const budget = await getBudget(db)
  const spent = await spentSince(db, startOfDay(now))
  return { budget, spent, reading: readBudget(budget, spent) }
}

/**
 * Pauses the queue when the day's budget is spent, once a day, so that a person who resumes it has the last word;
 * opens it again on the next day. Returns what it did, in words; null when it did nothing.
 */
export async function keepToBudget(database: Database, now: EpochMs): Promise<string | null> {
  const db = database.kysely
  const { budget, reading } = await budgetToday(db, now)
  const controls = await getControls(db)
  const today = startOfDay(now)
  if (controls.paused && controls.reason === budgetReason) {
    const isOver = controls.changedAt < today || reading.state !== 'spent' || !budget.stops
    if (!isOver) return null
    await switchQueue(database, false, null, now)
    return 'the queue goes on: a new day, or another budget'
  }
  if (reading.state !== 'spent' || !budget.stops || controls.paused) return null
  // Whoever touched the switch since the budget ran out has decided.
  if (controls.changedAt >= (await spentAt(db, budget, today))) return null
  await switchQueue(database, true, budgetReason, now)
  return 'the queue is paused: the budget of today is spent'
}

async function switchQueue(database: Database, paused: boolean, reason: string | null, now: EpochMs) {
  await database.write((db) => setControls(db, { paused, reason }, now))
  await database.bus.notify('controls')
}

/** When the last turn ended that counts for today: no earlier than that can the budget have run out. */
async function spentAt(db: Db, { tokensPerDay, usdPerDay }: Budget, since: EpochMs): Promise<EpochMs> {
  if (tokensPerDay === null && usdPerDay === null) return Infinity
  const rows = await db
    .selectFrom('attempts')
    .select(['ended_at', 'tokens_in', 'tokens_out', 'cost_usd'])
    .where('outcome', 'is not', null)
    .where('ended_at', '>=', since)
    .orderBy('ended_at')
    .execute()
  let tokens = 0
  let costUsd = 0
  for (const row of rows) {
    tokens += (row.tokens_in ?? 0) + (row.tokens_out ?? 0)
    costUsd += row.cost_usd ?? 0
    const { state } = readBudget({ tokensPerDay, usdPerDay, stops: true }, { tokens, costUsd })
    if (state === 'spent') return row.ended_at ?? since
  }
  return Infinity
}
