import type { EpochMs } from '../../core/clock.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'

/** A session by node and name, as a token speaks for it. */
export interface TokenSession {
  /** Of the token. */
  id: number
  node: string
  name: string
}

/** Gives a session its token; the one that it had before is worth nothing from here on. */
export async function setSessionToken(
  db: Db,
  { node, name, secretHash }: { node: string; name: string; secretHash: string },
  now: EpochMs,
): Promise<void> {
  await endSessionToken(db, { node, name }, now)
  const row = { secret_hash: secretHash, node, name, created_at: now }
  const { id } = await db.insertInto('session_tokens').values(row).returning('id').executeTakeFirstOrThrow()
  const data = { name, node }
  appendEvent(db, { at: now, noun: 'account', nounId: `session-token:${id}`, type: 'create', data })
}

/** null: there is no such token, or no more. */
export async function findSessionToken(db: Db, secretHash: string): Promise<TokenSession | null> {
  const row = await db
    .selectFrom('session_tokens')
    .select(['id', 'node', 'name'])
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
  return row ?? null
}

export async function endSessionToken(
  db: Db,
  { node, name }: { node: string; name: string },
  now: EpochMs,
): Promise<void> {
  const ended = await db
    .deleteFrom('session_tokens')
    .where('node', '=', node)
    .where('name', '=', name)
    .returning('id')
    .execute()
  for (const { id } of ended) {
    const data = { name, node, reason: 'replaced' }
    appendEvent(db, { at: now, noun: 'login', nounId: `session-token:${id}`, type: 'end', data })
  }
}
