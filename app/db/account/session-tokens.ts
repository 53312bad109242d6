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
  await endSessionToken(db, { node, name }, 'replaced', now)
  const row = { secret_hash: secretHash, node, name, created_at: now, session_key: null }
  const { id } = await db.insertInto('session_tokens').values(row).returning('id').executeTakeFirstOrThrow()
  const data = { name, node }
  appendEvent(db, { at: now, noun: 'account', nounId: `session-token:${id}`, type: 'create', data })
}

/** From here on the token is worth something in this pane only: another session may get the name one day. */
export async function bindSessionToken(
  db: Db,
  { node, name }: { node: string; name: string },
  sessionKey: string,
): Promise<void> {
  await db
    .updateTable('session_tokens')
    .set({ session_key: sessionKey })
    .where('node', '=', node)
    .where('name', '=', name)
    .execute()
}

/** A token is made before its session, and that one is seen for the first time a little later. */
const newSessionMs = 10 * 60_000

/** null: there is no such token, or its session is gone, also when another one has its name now. */
export async function findSessionToken(
  db: Db,
  secretHash: string,
  now: EpochMs,
): Promise<TokenSession | null> {
  const row = await db
    .selectFrom('session_tokens')
    .select(['id', 'node', 'name', 'created_at', 'session_key'])
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
  if (!row) return null
  const { created_at: createdAt, session_key: key, ...session } = row
  const isNew = now - createdAt < newSessionMs
  return isNew || (await isThere(db, session, key)) ? session : null
}

async function isThere(db: Db, { node, name }: TokenSession, key: string | null): Promise<boolean> {
  let query = db
    .selectFrom('sessions')
    .select('key')
    .where('name', '=', name)
    .where('node', '=', node)
    .where('state', '<>', 'gone')
  if (key !== null) query = query.where('key', '=', key)
  return (await query.executeTakeFirst()) !== undefined
}

export async function endSessionToken(
  db: Db,
  { node, name }: { node: string; name: string },
  reason: string,
  now: EpochMs,
): Promise<void> {
  const ended = await db
    .deleteFrom('session_tokens')
    .where('node', '=', node)
    .where('name', '=', name)
    .returning('id')
    .execute()
  for (const { id } of ended) {
    const data = { name, node, reason }
    appendEvent(db, { at: now, noun: 'login', nounId: `session-token:${id}`, type: 'end', data })
  }
}
