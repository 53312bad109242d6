import { sql, type SqlBool } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { isAppError } from '../../core/errors.ts'
import type { PromptId } from '../../core/prompt.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db } from '../schema.ts'
import { advancePrompt } from './advance.ts'

/** Rows that one call handles; a caller that got a full batch calls again. */
const batch = 500

/**
 * Lets go of waiting prompts whose time has come (not-before, back-off, usage limit). Prompts that wait for
 * others need no scan: they are released by the end of the other. Returns those that are due now, and when the
 * next one will be.
 */
export async function wakeHeldPrompts(
  db: Db,
  now: EpochMs,
): Promise<{ woken: PromptId[]; nextAt: EpochMs | null }> {
  const due = await db
    .updateTable('prompts')
    .set((eb) => ({ hold: null, wake_at: null, version: eb('version', '+', 1) }))
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('prompts')
        .select('id')
        .where(isHeld)
        .where('hold', '<>', 'dependency')
        .where('wake_at', '<=', now)
        .orderBy('wake_at')
        .limit(batch),
    )
    .where(isHeld)
    .returning('id')
    .execute()
  const woken = due.map(({ id }) => id).sort((a, b) => a - b)
  for (const id of woken)
    appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type: 'due', data: {} })
  return { woken, nextAt: await nextWakeAt(db) }
}

/** Fails the prompts that nobody took before their end. Returns their ids. */
export async function expirePrompts(db: Db, now: EpochMs): Promise<PromptId[]> {
  const rows = await db
    .selectFrom('prompts')
    .select('id')
    .where(sql<SqlBool>`state in ('staged', 'pending') and expires_at is not null`)
    .where('expires_at', '<=', now)
    .orderBy('expires_at')
    .limit(batch)
    .execute()
  const expired: PromptId[] = []
  for (const { id } of rows) if (await expirePrompt(db, id, now)) expired.push(id)
  return expired
}

/**
 * Counts that a scan passed the prompt over, and why. Only a new reason makes an event; the version stays, so
 * that a scan never gets into the way of a person's edit.
 */
export async function noteWaiting(db: Db, id: PromptId, reason: string, now: EpochMs): Promise<void> {
  const news = await noteReason(db, { id, reason })
  if (news.length === 0) await countSkip(db, { id })
  else appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type: 'waiting', data: { reason } })
}

/** false: somebody claimed or cancelled it in this moment. */
async function expirePrompt(db: Db, id: PromptId, now: EpochMs): Promise<boolean> {
  try {
    await advancePrompt(db, id, 'expire', { reason: 'No session took it before it expired.' }, now)
    return true
  } catch (error) {
    if (isAppError(error, 'conflict') || isAppError(error, 'not_found')) return false
    throw error
  }
}

const isHeld = sql<SqlBool>`state = 'pending' and hold is not null`

async function nextWakeAt(db: Db): Promise<EpochMs | null> {
  const row = await db
    .selectFrom('prompts')
    .select('wake_at')
    .where(isHeld)
    .where('hold', '<>', 'dependency')
    .where('wake_at', 'is not', null)
    .orderBy('wake_at')
    .limit(1)
    .executeTakeFirst()
  return row?.wake_at ?? null
}

const noteReason = compileOnce((db, p: { id: PromptId; reason: string }) =>
  db
    .updateTable('prompts')
    .set((eb) => ({ skips: eb('skips', '+', 1), waiting_for: p.reason }))
    .where('id', '=', p.id)
    .where(sql<SqlBool>`state = 'pending'`)
    .where('waiting_for', 'is distinct from', p.reason)
    .returning('id'),
)

const countSkip = compileOnce((db, p: { id: PromptId }) =>
  db
    .updateTable('prompts')
    .set((eb) => ({ skips: eb('skips', '+', 1) }))
    .where('id', '=', p.id)
    .where(sql<SqlBool>`state = 'pending'`),
)
