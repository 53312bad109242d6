import { userNamePattern, type User } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import { AppError, LimitedError } from '../core/errors.ts'
import { countLogin, forgiveLogin, type Patience } from '../db/account/failures.ts'
import { findUser, type UserWithPassword } from '../db/account/users.ts'
import type { Database } from '../db/open.ts'
import { appendEvent } from '../db/events.ts'
import { verifyPassword } from './password.ts'
import { hashSecret } from './secret.ts'

interface LoginContext {
  database: Database
  clock: Clock
}

/** Of one account: at the longest wait, a guesser gets 288 tries a day, and its owner waits five minutes. */
const accountPatience: Patience = { free: 5, firstMs: 1_000, longestMs: 5 * 60_000 }
/** Of one address, behind which many people may sit. */
const addressPatience: Patience = { free: 20, firstMs: 1_000, longestMs: 15 * 60_000 }

/**
 * Who a name and a password belong to. Throws `unauthorized`, in the same words and after the same work whether
 * the user exists or not, and `limited` after too many failures of this account or from this address.
 */
export async function logIn(
  context: LoginContext,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<UserWithPassword> {
  const keys = {
    account: hashSecret(`account ${name.toLowerCase()}`),
    address: hashSecret(`address ${networkOf(address)}`),
  }
  await countThis(context, keys)
  const user = userNamePattern.test(name) ? await findUser(context.database.kysely, name) : null
  if (!(await verifyPassword(user?.passwordHash ?? null, password)) || !user) {
    await noteFailure(context, user, address)
    throw new AppError('unauthorized', 'The user name or the password is wrong.')
  }
  await context.database.write((db) => forgiveLogin(db, keys))
  return user
}

async function countThis({ database, clock }: LoginContext, keys: { account: string; address: string }) {
  const now = clock.now()
  const allowedAt = await database.write(async (db) => {
    const byAddress = await countLogin(db, keys.address, addressPatience, now)
    if (byAddress > now) return byAddress
    return countLogin(db, keys.account, accountPatience, now)
  })
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
