import type { EpochMs } from '../core/clock.ts'
import { setSessionToken } from '../db/account/session-tokens.ts'
import type { Database } from '../db/open.ts'
import { hashSecret, randomSecret } from './secret.ts'

/** By which people and secret scanners know the token of a session; no API token begins like this. */
export const sessionTokenPrefix = 'archs_'

/**
 * Makes the token with which a session's agent speaks for that session, and returns it: it is stored as a hash
 * only. The one that the session had before ends.
 */
export async function giveSessionToken(
  database: Database,
  { node, name }: { node: string; name: string },
  now: EpochMs,
): Promise<string> {
  const secret = `${sessionTokenPrefix}${randomSecret(32)}`
  const secretHash = hashSecret(secret)
  await database.write((db) => setSessionToken(db, { node, name, secretHash }, now))
  return secret
}
