import type { Config } from './config.ts'
import { systemClock, type Clock } from './core/clock.ts'
import { openDatabase, type Database } from './db/open.ts'

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
  return {
    config,
    clock: systemClock,
    database,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
