import type { Attempt } from '../../core/attempt.ts'
import type { PromptId } from '../../core/prompt.ts'
import type { Db } from '../schema.ts'
import { toAttempt } from './row.ts'

/** Attempts without an outcome, the oldest first. */
export async function liveAttempts(db: Db, owner?: string): Promise<Attempt[]> {
  let query = db.selectFrom('attempts').selectAll().where('outcome', 'is', null).orderBy('id')
  if (owner !== undefined) query = query.where('lease_owner', '=', owner)
  return (await query.execute()).map(toAttempt)
}

/** All attempts of a prompt, the first one first. */
export async function attemptsOf(db: Db, promptId: PromptId): Promise<Attempt[]> {
  const query = db.selectFrom('attempts').selectAll().where('prompt_id', '=', promptId).orderBy('number')
  return (await query.execute()).map(toAttempt)
}

export async function lastAttempt(db: Db, promptId: PromptId): Promise<Attempt | null> {
  const row = await db
    .selectFrom('attempts')
    .selectAll()
    .where('prompt_id', '=', promptId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row ? toAttempt(row) : null
}
