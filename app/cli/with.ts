import { readConfig, type Config } from '../config.ts'
import { openConfiguredDatabase, openContext, type Context } from '../context.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import type { Database } from '../db/open.ts'
import { openLog } from '../log.ts'

/** What a command needs that only asks the database. */
export interface Records {
  config: Config
  clock: Clock
  database: Database
}

export async function withDatabase<T>(work: (records: Records) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  await using database = await openConfiguredDatabase(config)
  return await work({ config, clock: systemClock, database })
}

/** For commands that look into tmux as well. */
export async function withContext<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  using log = openLog(config, 'cli')
  await using context = await openContext(config, log)
  return await work(context)
}
