import type { Config } from './config.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { openDatabase, type Database } from './db/open.ts'
import { maskVault } from './vault/masking.ts'
import { openVaultKeys } from './vault/tools.ts'

/** What somebody needs who only asks the database. */
export interface Records {
  config: Config
  clock: Clock
  database: Database
}

export async function openRecords(
  config: Config,
  onFault?: (error: unknown) => void,
): Promise<Records & AsyncDisposable> {
  const database = await openDatabase({
    dataDir: config.dataDir,
    databaseUrl: config.databaseUrl ?? undefined,
    ...(onFault && { onFault }),
  })
  // Whoever says what to do with faults stays, and hears of new secrets as well.
  const masking = await maskVault({ database, vault: openVaultKeys(config) }, onFault ?? null)
  return {
    config,
    clock: systemClock,
    database,
    async [Symbol.asyncDispose]() {
      await masking[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}
