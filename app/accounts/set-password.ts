import type { EpochMs } from '../core/clock.ts'
import { endLogins } from '../db/account/logins.ts'
import { changePassword } from '../db/account/users.ts'
import type { Db } from '../db/schema.ts'

/** Gives a user another password; all their logins end, but for the session that asked for it. */
export async function setPassword(
  db: Db,
  userId: number,
  { passwordHash, exceptSession }: { passwordHash: string; exceptSession?: number },
  now: EpochMs,
): Promise<void> {
  await changePassword(db, userId, passwordHash, now)
  const choice = { userId, ...(exceptSession !== undefined && { exceptId: exceptSession }) }
  await endLogins(db, choice, 'the password was changed', now)
}
