import type { EpochMs } from '../core/clock.ts'
import { endLogins } from '../db/account/logins.ts'
import { endToken, listTokens } from '../db/account/tokens.ts'
import { deleteUser } from '../db/account/users.ts'
import type { Db } from '../db/schema.ts'

/** Removes a user; each of their logins and tokens ends with an event of its own. Throws as `deleteUser`. */
export async function removeUser(db: Db, id: number, now: EpochMs): Promise<void> {
  await endLogins(db, { userId: id }, 'the user was removed', now)
  for (const token of await listTokens(db, id)) await endToken(db, token.id, id, now)
  await deleteUser(db, id, now)
}
