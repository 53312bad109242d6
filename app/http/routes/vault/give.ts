import { giveSecrets, parseWanted } from '../../../vault/give.ts'
import { authorise, type Caller } from '../../caller.ts'
import type { Web } from '../../web.ts'
import { requireRecentLogin } from './recent-login.ts'
import { vaultUser } from './secrets.ts'

export interface Giving {
  /** `NAME`, or `VARIABLE=name of the secret`. */
  secrets: readonly string[]
  /** Which program gets them, for the audit. */
  to: string
  password?: string | undefined
  address: string
}

/**
 * Values by their variables, for a program that somebody starts. Whoever starts it can read them there: it takes what
 * looking at a value takes. Throws `forbidden`, `invalid` or `not_found` before anything was given.
 */
export async function giveForStart(
  web: Web,
  caller: Caller,
  { secrets, to, password, address }: Giving,
): Promise<Record<string, string>> {
  if (secrets.length === 0) return {}
  const wanted = secrets.map(parseWanted)
  authorise({ role: 'operator', scope: 'secrets' }, caller)
  await requireRecentLogin(web, caller, { password, address })
  return giveSecrets(vaultUser(web, caller), wanted, to)
}
