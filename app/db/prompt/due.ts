import { sql, type SqlBool } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'

/** Whether any prompt could be given out now. One index look, however long the queue is. */
export async function isAnyPromptWaiting(db: Db): Promise<boolean> {
  return (await findWaiting(db, {})).length > 0
}

/** Whether a held prompt has become due, or a waiting one has expired. */
export async function isAnyPromptDue(db: Db, now: EpochMs): Promise<boolean> {
  const [held, expiring] = await Promise.all([findHeldDue(db, { now }), findExpired(db, { now })])
  return held.length + expiring.length > 0
}

const findWaiting = compileOnce((db) =>
  db
    .selectFrom('prompts')
    .select('id')
    .where(sql<SqlBool>`state = 'pending' and hold is null`)
    .limit(1),
)

const findHeldDue = compileOnce((db, p: { now: EpochMs }) =>
  db
    .selectFrom('prompts')
    .select('id')
    .where(sql<SqlBool>`state = 'pending' and hold is not null`)
    .where('wake_at', '<=', p.now)
    .limit(1),
)

const findExpired = compileOnce((db, p: { now: EpochMs }) =>
  db
    .selectFrom('prompts')
    .select('id')
    .where(sql<SqlBool>`state in ('staged', 'pending') and expires_at is not null`)
    .where('expires_at', '<=', p.now)
    .limit(1),
)
