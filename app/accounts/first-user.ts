import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import { isAppError } from '../core/errors.ts'
import { createUser, findUser, listUsers } from '../db/account/users.ts'
import type { Database } from '../db/open.ts'
import { hashPassword, randomPassword, verifyPassword } from './password.ts'
import { setPassword } from './set-password.ts'
import { makePrivateFolder } from '../core/private-files.ts'

export interface FirstLogin {
  name: string
  password: string
  /** Where the password stands until it is changed. */
  path: string
}

interface Start {
  config: Config
  database: Database
  clock: Clock
}

/**
 * Sees to it that somebody can log in: the first start makes an administrator, and each start gives the one of
 * `ARCHITECT_USER` the password of `ARCHITECT_PASSWORD`. Returns a password that was made up here and now.
 */
export async function ensureFirstUser(start: Start): Promise<FirstLogin | null> {
  const { config, database } = start
  if (config.adminPassword !== null) {
    await ensureGivenUser(start, config.adminPassword)
    return null
  }
  const users = await listUsers(database.kysely)
  return users.length > 0 ? null : makeFirstUser(start)
}

/** For the person who started the dashboard, once. */
export function describeFirstLogin({ name, password, path }: FirstLogin): string {
  return `Log in as ${name} with the password ${password} (also in ${path}, until you change it).`
}

export function initialPasswordPath(dataDir: string): string {
  return join(dataDir, 'initial-password')
}

/** The password is another one now. */
export function forgetInitialPassword(dataDir: string): void {
  rmSync(initialPasswordPath(dataDir), { force: true })
}

async function ensureGivenUser({ config, database, clock }: Start, password: string) {
  const { adminName: name } = config
  const user = await findUser(database.kysely, name)
  if (user && (await verifyPassword(user.passwordHash, password))) return
  const passwordHash = await hashPassword(password)
  await database.write(async (db) => {
    const now = clock.now()
    if (user) await setPassword(db, user.id, { passwordHash }, now)
    else await createUser(db, { name, role: 'admin', passwordHash }, now)
  })
  if (user?.hasInitialPassword) forgetInitialPassword(config.dataDir)
}

/** The file comes first: a user without a known password would be worse than a password without a user. */
async function makeFirstUser({ config, database, clock }: Start): Promise<FirstLogin | null> {
  const { adminName: name, dataDir } = config
  const password = randomPassword()
  const passwordHash = await hashPassword(password)
  const path = initialPasswordPath(dataDir)
  makePrivateFolder(dataDir)
  rmSync(path, { force: true })
  writeFileSync(path, `${password}\n`, { mode: 0o600, flag: 'wx' })
  try {
    const user = { name, role: 'admin', passwordHash, hasInitialPassword: true } as const
    await database.write((db) => createUser(db, user, clock.now()))
    return { name, password, path }
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
    forgetInitialPassword(dataDir) // another machine's first start was faster
    return null
  }
}
