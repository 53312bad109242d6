import { isAppError, messageOf } from '../core/errors.ts'
import { systemClock } from '../core/clock.ts'
import { remindOfExpiry } from '../db/secret/write.ts'
import type { Log } from '../log.ts'
import { finishRotation } from './rotate.ts'
import type { VaultTools, VaultUser } from './tools.ts'

const everyMs = 3_600_000

/** Ends a rotation that was begun, and reminds of what expires, each hour, until it is disposed of. */
export function tendVault(tools: VaultTools & { log: Pick<Log, 'json'> }): AsyncDisposable {
  const by = { kind: 'worker', name: 'dashboard', address: null } as const
  const user = { ...tools, database: tools.database.by(by), by }
  const stopping = new AbortController()
  const work = loop(user, tools.log, stopping.signal)
  return {
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await work
    },
  }
}

async function loop(user: VaultUser, log: Pick<Log, 'json'>, signal: AbortSignal) {
  while (!signal.aborted) {
    await tendOnce(user).catch((error: unknown) => {
      log.json.warn({ err: error }, `the vault was not tended: ${messageOf(error)}`)
    })
    await systemClock.sleep(everyMs, signal)
  }
}

export async function tendOnce(user: VaultUser): Promise<void> {
  await user.database.write((db) => remindOfExpiry(db, user.clock.now()))
  try {
    await finishRotation(user)
  } catch (error) {
    // A sealed vault waits; whoever unlocks it or rotates again ends what was begun.
    if (!isAppError(error, 'unavailable')) throw error
  }
}
