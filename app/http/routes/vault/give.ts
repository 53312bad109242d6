import { giveSecrets, parseWanted } from '../../../vault/give.ts'
import { authorise, type Caller } from '../../caller.ts'
import type { Web } from '../../web.ts'
import { requireRecentLogin } from './recent-login.ts'
import { vaultUser } from './secrets.ts'

export interface Naming {
  /** `NAME`, or `VARIABLE=name of the secret`. */
  secrets: readonly string[]
  password?: string | undefined
  address: string
}

export interface Giving extends Naming {
  /** Which program gets them, for the audit. */
  to: string
}

/**
 * For a program that somebody starts now or has started later: it can send its secrets anywhere, so naming them takes
 * what looking at a value takes. Throws `forbidden`, or `invalid` for what names none.
 */
export async function requireForSecrets(web: Web, caller: Caller, naming: Naming): Promise<void> {
  const { secrets, password, address } = naming
  if (secrets.length === 0) return
  secrets.forEach(parseWanted)
  authorise({ role: 'operator', scope: 'secrets' }, caller)
  await requireRecentLogin(web, caller, { password, address })
}

/** Values by their variables, for a program that starts now. Throws as above, or `not_found`; then none was given. */
export async function giveForStart(
  web: Web,
  caller: Caller,
  giving: Giving,
): Promise<Record<string, string>> {
  const { secrets, to } = giving
  if (secrets.length === 0) return {}
  await requireForSecrets(web, caller, giving)
  return giveSecrets(vaultUser(web, caller), secrets.map(parseWanted), to)
}
