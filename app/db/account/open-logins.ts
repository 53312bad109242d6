import type { Role, Scope } from '../../core/account.ts'
import type { EpochMs } from '../../core/clock.ts'
import { fromJson } from '../columns.ts'
import type { Db } from '../schema.ts'

/** What a browser's login is worth now. */
export interface OpenLogin {
  id: number
  userId: number
  role: Role
  createdAt: EpochMs
  activeAt: EpochMs
}

/** Those of these browser sessions that have not been ended; whether their time is over is for the caller. */
export async function openLogins(db: Db, ids: readonly number[]): Promise<OpenLogin[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('browser_sessions')
    .innerJoin('users', 'users.id', 'browser_sessions.user_id')
    .select(['browser_sessions.id', 'user_id', 'users.role', 'browser_sessions.created_at', 'active_at'])
    .where('browser_sessions.id', 'in', ids)
    .execute()
  return rows.map(({ id, user_id, role, created_at, active_at }) => ({
    id,
    userId: user_id,
    role,
    createdAt: created_at,
    activeAt: active_at,
  }))
}

/** What a token is worth now. */
export interface OpenToken {
  id: number
  role: Role
  scopes: Scope[]
  expiresAt: EpochMs | null
}

/** Those of these tokens that have not been ended. */
export async function openTokens(db: Db, ids: readonly number[]): Promise<OpenToken[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .select(['tokens.id', 'users.role', 'tokens.scopes', 'tokens.expires_at'])
    .where('tokens.id', 'in', ids)
    .execute()
  return rows.map(({ id, role, scopes, expires_at }) => ({
    id,
    role,
    scopes: fromJson(scopes),
    expiresAt: expires_at,
  }))
}
