import { systemClock, type Clock } from '../core/clock.ts'
import { messageOf } from '../core/errors.ts'
import { endLogins, hasExpiredLogins, type Expired } from '../db/account/logins.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { longestLoginMs } from './timeout.ts'

interface ExpiryContext {
  config: { sessionTimeoutMs: number }
  database: Database
  clock: Clock
  log: Log
}

/** How late the log tells of a login whose time is over; it is worth nothing from that time on already. */
const checkEveryMs = 1_000
/** A database that does not answer fills no log. */
const checkAfterFailureMs = 30_000

/** Ends logins when their time is over, until it is disposed of. */
export function endExpiredLogins(context: ExpiryContext): AsyncDisposable {
  const stopping = new AbortController()
  const work = loop(context, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await work
    },
  }
}

async function loop(context: ExpiryContext, signal: AbortSignal) {
  while (!signal.aborted) {
    const waitMs = await endExpired(context).then(
      () => checkEveryMs,
      (error: unknown) => {
        context.log.json.warn({ err: error }, `expired logins were not ended: ${messageOf(error)}`)
        return checkAfterFailureMs
      },
    )
    await systemClock.sleep(waitMs, signal)
  }
}

/** Looks first: a write each second would keep an SD card busy. */
async function endExpired({ config, database, clock }: ExpiryContext) {
  const now = clock.now()
  const expired: Expired = {
    activeBefore: now - config.sessionTimeoutMs,
    createdBefore: now - longestLoginMs,
  }
  if (!(await hasExpiredLogins(database.kysely, expired))) return
  await database.write((db) => endLogins(db, { expired }, 'its time was over', now))
}
