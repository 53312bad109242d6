import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { BrowserSession } from '../core/account.ts'
import { AppError, isAppError } from '../core/errors.ts'
import { confirmLogin } from '../db/account/logins.ts'
import { getUser } from '../db/account/users.ts'
import type { Database } from '../db/open.ts'
import { forgetInitialPassword } from './first-user.ts'
import { logIn } from './log-in.ts'
import { hashPassword } from './password.ts'
import { setPassword } from './set-password.ts'

interface PasswordContext {
  config: Config
  database: Database
  clock: Clock
}

/**
 * Throws `forbidden` when the current password is wrong, `limited` when it was wrong too often, `invalid` for
 * a password that is none, `conflict` for the user whose password each start sets.
 */
export async function changeOwnPassword(
  context: PasswordContext,
  change: {
    userId: number
    address: string
    current: string
    password: string
    /** The session that goes on; all others of the user end. */
    exceptSession: number | null
  },
): Promise<void> {
  const { database, clock } = context
  const { name } = await getUser(database.kysely, change.userId)
  refuseGivenPassword(context.config, name)
  const user = await logIn(context, { name, password: change.current, address: change.address }).catch(
    refuseWrongPassword,
  )
  if (change.password === change.current) throw new AppError('invalid', 'That is the password you have.')
  const passwordHash = await hashPassword(change.password)
  const except = change.exceptSession === null ? {} : { exceptSession: change.exceptSession }
  await database.write((db) => setPassword(db, user.id, { passwordHash, ...except }, clock.now()))
  if (user.hasInitialPassword) forgetInitialPassword(context.config.dataDir)
}

/** Whoever is logged in says their password again. Throws `forbidden` when it is wrong, `limited` after too many. */
export async function confirmPassword(
  context: Pick<PasswordContext, 'database' | 'clock'>,
  session: Pick<BrowserSession, 'id' | 'userId'>,
  { password, address }: { password: string; address: string },
): Promise<void> {
  const { database, clock } = context
  const { name } = await getUser(database.kysely, session.userId)
  await logIn(context, { name, password, address }).catch(refuseWrongPassword)
  await database.write((db) => confirmLogin(db, session, clock.now()))
}

/** Who is logged in stays so: `unauthorized` would say otherwise. */
function refuseWrongPassword(error: unknown): never {
  if (isAppError(error, 'unauthorized')) throw new AppError('forbidden', 'The current password is wrong.')
  throw error
}

/** Throws `conflict` for a password that the next start would change back. */
export function refuseGivenPassword({ adminName, adminPassword }: Config, name: string): void {
  if (adminPassword === null || name.toLowerCase() !== adminName.toLowerCase()) return
  const sentence = `The password of ${name} is set by ARCHITECT_PASSWORD at each start. Change it there.`
  throw new AppError('conflict', sentence)
}
