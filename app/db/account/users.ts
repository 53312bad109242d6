import type { Selectable, Updateable } from 'kysely'
import type { Role, User } from '../../core/account.ts'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { toFlag } from '../columns.ts'
import { dialectOf } from '../dialect.ts'
import { appendEvent } from '../events.ts'
import type { Db, UserRow } from '../schema.ts'

export interface NewUser {
  name: string
  role: Role
  passwordHash: string
  hasInitialPassword?: boolean
}

/** A user with what proves that somebody is that user. */
export interface UserWithPassword extends User {
  passwordHash: string
  loginVersion: number
}

/** Throws `conflict` when the name is taken, in whatever case. */
export async function createUser(db: Db, user: NewUser, now: EpochMs): Promise<User> {
  const row = await db
    .insertInto('users')
    .values({
      name: user.name,
      name_key: keyOf(user.name),
      role: user.role,
      password_hash: user.passwordHash,
      initial_password: toFlag(user.hasInitialPassword ?? false),
      created_at: now,
      password_changed_at: now,
    })
    .onConflict((conflict) => conflict.column('name_key').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('conflict', `There is a user "${user.name}" already.`)
  const data = { name: row.name, role: row.role }
  appendEvent(db, { at: now, noun: 'account', nounId: `user:${row.id}`, type: 'create', data })
  return toUser(row)
}

/** null: nobody has this name. */
export async function findUser(db: Db, name: string): Promise<UserWithPassword | null> {
  const row = await db.selectFrom('users').selectAll().where('name_key', '=', keyOf(name)).executeTakeFirst()
  return row ? withPassword(row) : null
}

/** Throws `not_found`. */
export async function getUser(db: Db, id: number): Promise<UserWithPassword> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no user ${id}.`)
  return withPassword(row)
}

export async function listUsers(db: Db): Promise<User[]> {
  const rows = await db.selectFrom('users').selectAll().orderBy('name_key').execute()
  return rows.map(toUser)
}

/**
 * Short-lived tokens of the user end: another login version, and the event `login` `end` of `user:ID`. Throws
 * `not_found`, or `conflict` when nobody would be an administrator any more.
 */
export async function changeRole(db: Db, id: number, role: Role, now: EpochMs): Promise<void> {
  if (role !== 'admin') await keepAnAdmin(db, id)
  await change(db, id, 'role', { role }, now)
}

/** As `changeRole`; the user's other logins are the caller's to end. */
export async function changePassword(db: Db, id: number, passwordHash: string, now: EpochMs): Promise<void> {
  const columns = { password_hash: passwordHash, password_changed_at: now, initial_password: toFlag(false) }
  await change(db, id, 'password', columns, now)
}

/** The user's logins and tokens go as well. Throws `not_found`, or `conflict` for the last administrator. */
export async function deleteUser(db: Db, id: number, now: EpochMs): Promise<void> {
  await keepAnAdmin(db, id)
  const row = await db.deleteFrom('users').where('id', '=', id).returning('name').executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no user ${id}.`)
  const data = { name: row.name }
  appendEvent(db, { at: now, noun: 'account', nounId: `user:${id}`, type: 'delete', data })
  endShortTokens(db, id, now)
}

async function change(db: Db, id: number, what: string, columns: Updateable<UserRow>, now: EpochMs) {
  const row = await db
    .updateTable('users')
    .set(columns)
    .set((eb) => ({ login_version: eb('login_version', '+', 1) }))
    .where('id', '=', id)
    .returning(['name', 'role'])
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no user ${id}.`)
  const data = { name: row.name, role: row.role }
  appendEvent(db, { at: now, noun: 'account', nounId: `user:${id}`, type: what, data })
  endShortTokens(db, id, now)
}

function endShortTokens(db: Db, id: number, now: EpochMs) {
  appendEvent(db, { at: now, noun: 'login', nounId: `user:${id}`, type: 'end', data: { user_id: id } })
}

/** The rows are locked, so that two administrators who remove each other at the same moment don't both succeed. */
async function keepAnAdmin(db: Db, exceptId: number) {
  let query = db.selectFrom('users').select('id').where('role', '=', 'admin').orderBy('id')
  if (dialectOf(db) === 'postgres') query = query.forUpdate()
  const admins = await query.execute()
  if (admins.every(({ id }) => id === exceptId) && admins.length > 0) {
    throw new AppError('conflict', 'This is the last administrator. Make somebody else one first.')
  }
}

function keyOf(name: string): string {
  return name.toLowerCase()
}

function withPassword(row: Selectable<UserRow>): UserWithPassword {
  return { ...toUser(row), passwordHash: row.password_hash, loginVersion: row.login_version }
}

function toUser(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    hasInitialPassword: row.initial_password === 1,
    createdAt: row.created_at,
    passwordChangedAt: row.password_changed_at,
    lastLoginAt: row.last_login_at,
  }
}
