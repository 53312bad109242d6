import type { Selectable } from 'kysely'
import type { Role, User } from '../../core/account.ts'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { toFlag } from '../columns.ts'
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
  const row = await db
    .selectFrom('users')
    .selectAll()
    .where('name_key', '=', keyOf(name))
    .executeTakeFirst()
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
