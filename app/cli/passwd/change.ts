import { refuseGivenPassword } from '../../accounts/change-password.ts'
import { forgetInitialPassword } from '../../accounts/first-user.ts'
import { hashPassword, randomPassword } from '../../accounts/password.ts'
import { setPassword } from '../../accounts/set-password.ts'
import type { User } from '../../core/account.ts'
import { AppError } from '../../core/errors.ts'
import { createUser, listUsers } from '../../db/account/users.ts'
import type { Records } from '../../records.ts'
import { UsageError } from '../failure.ts'
import { openOutput } from '../output/output.ts'
import { withDatabase } from '../with.ts'
import { askHiddenTwice } from '../hidden.ts'
import type { PasswdOptions } from './command.ts'

/** `./deploy.sh passwd [USER]`. Whoever may write the database may do this; the old password is not asked for. */
export async function changePassword(name: string | undefined, options: PasswdOptions): Promise<void> {
  await withDatabase(async (records) => {
    const user = choose(await listUsers(records.database.kysely), name, records)
    const shownName = user?.name ?? records.config.adminName
    refuseGivenPassword(records.config, shownName)
    const password = options.random
      ? randomPassword()
      : await askHiddenTwice(`New password of ${shownName}: `)
    await store(records, user, await hashPassword(password))
    const output = openOutput(options)
    const shown = options.random ? password : null
    if (output.json) return output.document({ user: shownName, password: shown })
    output.line(
      shown
        ? `The password of ${shownName} is now ${shown}`
        : `${shownName} has the new password; earlier logins have ended.`,
    )
  })
}

/** null: nobody is there yet, and the first user is made. */
function choose(users: User[], name: string | undefined, { config }: Records): User | null {
  if (name === undefined && users.length === 1) return users[0]!
  const wanted = (name ?? config.adminName).toLowerCase()
  const user = users.find((each) => each.name.toLowerCase() === wanted)
  if (user) return user
  if (users.length === 0 && wanted === config.adminName.toLowerCase()) return null
  const names = users.map((each) => each.name).join(', ')
  if (name === undefined) throw new UsageError(`Say whose password: ${names}.`)
  throw new AppError('not_found', `There is no user "${name}". Users: ${names || 'none yet'}.`)
}

async function store({ database, clock, config }: Records, user: User | null, passwordHash: string) {
  const now = clock.now()
  await database.write(async (db) => {
    if (user) await setPassword(db, user.id, { passwordHash }, now)
    else await createUser(db, { name: config.adminName, role: 'admin', passwordHash }, now)
  })
  if (user?.hasInitialPassword) forgetInitialPassword(config.dataDir)
}
