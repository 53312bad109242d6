import type { ExpressionBuilder, Selectable } from 'kysely'
import type { BrowserSession, Role } from '../../core/account.ts'
import type { EpochMs } from '../../core/clock.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { BrowserSessionRow, Db, Schema } from '../schema.ts'

/** A browser session together with whose it is. */
export interface BrowserLogin extends BrowserSession {
  userName: string
  role: Role
}

export interface NewBrowserSession {
  secretHash: string
  userId: number
  address: string
  userAgent: string
}

/** Returns the session's id. The user's moment of login is kept as well. */
export async function startLogin(db: Db, login: NewBrowserSession, now: EpochMs): Promise<number> {
  const { id } = await db
    .insertInto('browser_sessions')
    .values({
      secret_hash: login.secretHash,
      user_id: login.userId,
      address: login.address,
      user_agent: login.userAgent,
      created_at: now,
      active_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db.updateTable('users').set({ last_login_at: now }).where('id', '=', login.userId).execute()
  appendEvent(db, {
    at: now,
    noun: 'login',
    nounId: `session:${id}`,
    type: 'start',
    data: { user_id: login.userId, address: login.address },
  })
  return id
}

/** null: there is no such session, or no more. */
export async function findLogin(db: Db, secretHash: string): Promise<BrowserLogin | null> {
  const [row] = await bySecret(db, { secretHash })
  if (!row) return null
  return { ...toBrowserSession(row), userName: row.user_name, role: row.role }
}

const bySecret = compileOnce((db, p: { secretHash: string }) =>
  db
    .selectFrom('browser_sessions')
    .innerJoin('users', 'users.id', 'browser_sessions.user_id')
    .selectAll('browser_sessions')
    .select(['users.name as user_name', 'users.role'])
    .where('browser_sessions.secret_hash', '=', p.secretHash),
)

/** The one that was active last comes first. */
export async function loginsOf(db: Db, userId: number): Promise<BrowserSession[]> {
  const rows = await db
    .selectFrom('browser_sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('active_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toBrowserSession)
}

export async function markLoginActive(db: Db, id: number, now: EpochMs): Promise<void> {
  await db
    .updateTable('browser_sessions')
    .set({ active_at: now })
    .where('id', '=', id)
    .where('active_at', '<', now)
    .execute()
}

/** Its user has just said the password again. */
export async function confirmLogin(
  db: Db,
  { id, userId }: Pick<BrowserSession, 'id' | 'userId'>,
  now: EpochMs,
): Promise<void> {
  await db.updateTable('browser_sessions').set({ confirmed_at: now }).where('id', '=', id).execute()
  const data = { user_id: userId }
  appendEvent(db, { at: now, noun: 'login', nounId: `session:${id}`, type: 'confirm', data })
}

/** Which sessions end, all that is given at once. */
export interface LoginChoice {
  id?: number
  secretHash?: string
  userId?: number
  /** Stays, whatever else is chosen. */
  exceptId?: number
  expired?: Expired
}

/** Without activity since then, or begun before that. */
export interface Expired {
  activeBefore: EpochMs
  createdBefore: EpochMs
}

/** Ends the chosen sessions at once, with an event for each; returns their number. */
export async function endLogins(db: Db, choice: LoginChoice, reason: string, now: EpochMs): Promise<number> {
  const { id, secretHash, userId, exceptId, expired } = choice
  let query = db.deleteFrom('browser_sessions').returning(['id', 'user_id'])
  if (id !== undefined) query = query.where('id', '=', id)
  if (secretHash !== undefined) query = query.where('secret_hash', '=', secretHash)
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  if (exceptId !== undefined) query = query.where('id', '<>', exceptId)
  if (expired) query = query.where(isExpired(expired))
  const ended = await query.execute()
  for (const row of ended) {
    appendEvent(db, {
      at: now,
      noun: 'login',
      nounId: `session:${row.id}`,
      type: 'end',
      data: { user_id: row.user_id, reason },
    })
  }
  return ended.length
}

export async function hasExpiredLogins(db: Db, expired: Expired): Promise<boolean> {
  const row = await db
    .selectFrom('browser_sessions')
    .select('id')
    .where(isExpired(expired))
    .executeTakeFirst()
  return row !== undefined
}

function isExpired({ activeBefore, createdBefore }: Expired) {
  return (eb: ExpressionBuilder<Schema, 'browser_sessions'>) =>
    eb.or([eb('active_at', '<=', activeBefore), eb('created_at', '<=', createdBefore)])
}

function toBrowserSession(row: Selectable<BrowserSessionRow>): BrowserSession {
  return {
    id: row.id,
    userId: row.user_id,
    address: row.address,
    userAgent: row.user_agent,
    createdAt: row.created_at,
    activeAt: row.active_at,
    confirmedAt: row.confirmed_at ?? row.created_at,
  }
}
