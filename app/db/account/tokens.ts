import type { Selectable } from 'kysely'
import type { ApiToken, Role, Scope } from '../../core/account.ts'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { fromJson, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import { compileOnce } from '../hot.ts'
import type { Db, TokenRow } from '../schema.ts'

export interface NewToken {
  userId: number
  name: string
  secretHash: string
  hint: string
  scopes: Scope[]
  expiresAt: EpochMs | null
}

/** A token together with what its owner may do. */
export interface TokenLogin extends ApiToken {
  role: Role
}

/** Of one user. */
const mostTokens = 100

/** Throws `conflict` when the user has a token of this name, or too many. */
export async function createToken(db: Db, token: NewToken, now: EpochMs): Promise<ApiToken> {
  const others = await listTokens(db, token.userId)
  if (others.some(({ name }) => name === token.name)) {
    throw new AppError(
      'conflict',
      `You have a token "${token.name}" already. Delete it, or take another name.`,
    )
  }
  if (others.length >= mostTokens) {
    throw new AppError('conflict', `A user has at most ${mostTokens} tokens. Delete one that is not used.`)
  }
  const { id } = await db
    .insertInto('tokens')
    .values({
      secret_hash: token.secretHash,
      user_id: token.userId,
      name: token.name,
      hint: token.hint,
      scopes: toJson(token.scopes),
      created_at: now,
      expires_at: token.expiresAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const data = { user_id: token.userId, name: token.name, scopes: token.scopes }
  appendEvent(db, { at: now, noun: 'account', nounId: `token:${id}`, type: 'create', data })
  const [created] = await tokenRows(db).where('tokens.id', '=', id).execute()
  return toToken(created!)
}

/** null: there is no such token, or no more. */
export async function findToken(db: Db, secretHash: string): Promise<TokenLogin | null> {
  const [row] = await bySecret(db, { secretHash })
  return row ? { ...toToken(row), role: row.role } : null
}

const bySecret = compileOnce((db, p: { secretHash: string }) =>
  tokenRows(db).where('tokens.secret_hash', '=', p.secretHash),
)

/** Of one user, or of all; the newest comes first. */
export async function listTokens(db: Db, userId?: number): Promise<ApiToken[]> {
  let query = tokenRows(db).orderBy('tokens.id', 'desc')
  if (userId !== undefined) query = query.where('tokens.user_id', '=', userId)
  return (await query.execute()).map(toToken)
}

export async function markTokenUsed(db: Db, id: number, address: string, now: EpochMs): Promise<void> {
  await db.updateTable('tokens').set({ used_at: now, used_from: address }).where('id', '=', id).execute()
}

/** Ends a token at once, with an event. Throws `not_found`; somebody else's token is not found either. */
export async function endToken(db: Db, id: number, ownerId: number | null, now: EpochMs): Promise<void> {
  let query = db.deleteFrom('tokens').where('id', '=', id).returning(['user_id', 'name'])
  if (ownerId !== null) query = query.where('user_id', '=', ownerId)
  const row = await query.executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no token ${id}.`)
  const data = { user_id: row.user_id, name: row.name, reason: 'deleted' }
  appendEvent(db, { at: now, noun: 'login', nounId: `token:${id}`, type: 'end', data })
}

function tokenRows(db: Db) {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.user_id')
    .selectAll('tokens')
    .select(['users.name as user_name', 'users.role'])
}

function toToken(row: Selectable<TokenRow> & { user_name: string }): ApiToken {
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.user_name,
    name: row.name,
    hint: row.hint,
    scopes: fromJson(row.scopes),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    usedFrom: row.used_from,
  }
}
