import { userNamePattern, type User } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, LimitedError } from '../core/errors.ts'
import { blockedUntil, countLogin, forgiveLogin, type Patience } from '../db/account/failures.ts'
import { findUser, type UserWithPassword } from '../db/account/users.ts'
import type { Database } from '../db/open.ts'
import { appendEvent } from '../db/events.ts'
import { verifyPassword } from './password.ts'
import { hashSecret } from './secret.ts'

interface LoginContext {
  database: Database
  clock: Clock
}

/** One address that guesses one password gets 288 tries a day. */
const pairPatience: Patience = { free: 5, firstMs: 1_000, longestMs: 5 * 60_000 }
/** One address, behind which many people may sit. */
const addressPatience: Patience = { free: 20, firstMs: 1_000, longestMs: 15 * 60_000 }
/** One account, from anywhere: 1,440 tries a day. More patient, because its owner has to wait as well. */
const accountPatience: Patience = { free: 50, firstMs: 1_000, longestMs: 60_000 }

/**
 * Who a name and a password belong to. Throws `unauthorized`, in the same words and after the same work whether
 * the user exists or not, and `limited` after too many failures of this account or from this address.
 */
export async function logIn(
  context: LoginContext,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<UserWithPassword> {
  const keys = keysOf(name.toLowerCase(), networkOf(address))
  await countThis(context, keys)
  const user = userNamePattern.test(name) ? await findUser(context.database.kysely, name) : null
  if (!(await verifyPassword(user?.passwordHash ?? null, password)) || !user) {
    await noteFailure(context, user, address)
    throw new AppError('unauthorized', 'The user name or the password is wrong.')
  }
  await context.database.write((db) =>
    forgiveLogin(db, { whole: keys.pair, once: [keys.address, keys.account] }),
  )
  return user
}

type Keys = Record<'pair' | 'address' | 'account', string>

/** Hashes: people type passwords for names. */
function keysOf(name: string, network: string): Keys {
  return {
    pair: hashSecret(`pair ${network} ${name}`),
    address: hashSecret(`address ${network}`),
    account: hashSecret(`account ${name}`),
  }
}

async function countThis({ database, clock }: LoginContext, keys: Keys) {
  const now = clock.now()
  const limits = [
    { key: keys.address, patience: addressPatience },
    { key: keys.pair, patience: pairPatience },
    { key: keys.account, patience: accountPatience },
  ]
  const blocked = await blockedUntil(database.kysely, Object.values(keys))
  const allowedAt = blocked > now ? blocked : await database.write((db) => countLogin(db, limits, now))
  if (allowedAt <= now) return
  const seconds = Math.ceil((allowedAt - now) / 1000)
  throw new LimitedError(`Too many failed logins. Try again in ${seconds} s.`, allowedAt - now)
}

/**
 * Written for names that nobody has as well, so that both take the same time, but without the name: people type
 * passwords there.
 */
async function noteFailure({ database, clock }: LoginContext, user: User | null, address: string) {
  const nounId = user ? `user:${user.id}` : 'nobody'
  const data = { name: user?.name ?? null, address }
  const event = { at: clock.now(), noun: 'login', nounId, type: 'fail', data } as const
  await database.write(async (db) => appendEvent(db, event))
}

/** One household has 2^64 addresses of IPv6: its first four groups count. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':')
}
