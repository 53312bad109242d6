import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { Database } from '../db/open.ts'
import { ensureFirstUser, type FirstLogin } from './first-user.ts'
import { readSigningKeys, type SigningKeys } from './secret.ts'

export interface Accounts {
  keys: SigningKeys
  /** What this very start made up, to be shown once; null when somebody could log in already. */
  firstLogin: FirstLogin | null
}

/** What a dashboard needs before it lets anybody in. Throws `unavailable` when it can't be kept. */
export async function openAccounts(start: {
  config: Config
  database: Database
  clock: Clock
}): Promise<Accounts> {
  return { keys: readSigningKeys(start.config), firstLogin: await ensureFirstUser(start) }
}
