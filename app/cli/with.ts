import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { personHere } from './person.ts'
import { remoteAddress } from './remote/address.ts'
import { localDesk } from './desk/local.ts'
import type { Desk } from './desk/desk.ts'
import { openRecords, type Records } from '../records.ts'

/** For commands that only ask the database; they start in a fraction of the time of those that look at tmux. */
export async function withDatabase<T>(work: (records: Records) => Promise<T>): Promise<T> {
  await using records = await openRecords(readConfig(process.env))
  return await work({ ...records, database: records.database.by(personHere()) })
}

/** For commands that look into tmux as well. */
export async function withContext<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const { openLog } = await import('../log.ts')
  const { openContext } = await import('../context.ts')
  const config = readConfig(process.env)
  using log = openLog(config, 'cli')
  await using context = await openContext(config, log)
  return await work({ ...context, database: context.database.by(personHere()) })
}

/** For commands about the queue: here, or on the machine that `ARCHITECT_URL` names. */
export async function withDesk<T>(work: (desk: Desk) => Promise<T>): Promise<T> {
  const address = remoteAddress(process.env)
  if (!address) return withDatabase((records) => work(localDesk(records)))
  const { Dashboard } = await import('./remote/dashboard.ts')
  const { remoteDesk } = await import('./desk/remote.ts')
  return work(remoteDesk(new Dashboard(address)))
}
