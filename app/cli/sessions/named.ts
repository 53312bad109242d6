import { requireSession as requireNamed } from '../../broker/named-session.ts'
import type { Records } from '../../records.ts'
import { withLooks } from './looks.ts'

/** As `requireSession` of the broker, with a look of our own at this machine. */
export function requireSession({ config, database }: Records, wanted: string): Promise<string> {
  return withLooks((looks) => requireNamed(database, looks, wanted), config)
}
