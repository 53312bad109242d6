import { confirmPassword } from '../../../accounts/change-password.ts'
import type { EpochMs } from '../../../core/clock.ts'
import { AppError } from '../../../core/errors.ts'
import type { Caller } from '../../caller.ts'
import type { Web } from '../../web.ts'

/** A login, or a password that was said again, is recent for this long: a browser left open shows no secrets. */
const recentLoginMs = 10 * 60_000

export function isRecent({ session }: Caller, now: EpochMs): boolean {
  return session === null || now - session.confirmedAt < recentLoginMs
}

/**
 * Throws `forbidden` for a browser whose login is older, unless the password comes along. A token with the scope
 * `secrets` was made for this, by somebody who was logged in.
 */
export async function requireRecentLogin(
  web: Web,
  caller: Caller,
  given: { password?: string | undefined; address: string },
): Promise<void> {
  const { session } = caller
  const { password, address } = given
  if (session && password !== undefined) return confirmPassword(web, session, { password, address })
  if (isRecent(caller, web.clock.now())) return
  throw new AppError(
    'forbidden',
    'Your login is older than 10 minutes. Say your password again (POST /api/account/confirm), then repeat this.',
  )
}
