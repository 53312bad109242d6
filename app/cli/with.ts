import { readConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { personHere } from './person.ts'
import { UsageError } from './failure.ts'
import { remoteAddress } from './remote/address.ts'
import { Dashboard } from './remote/dashboard.ts'
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
  const { remoteDesk } = await import('./desk/remote.ts')
  return withSide({ local: localDesk, remote: remoteDesk }, work)
}

/**
 * How commands about one noun work, on either side: both give the same answers and throw the same errors.
 * Each noun has its own small desk, in its folder.
 */
export interface Sides<Work> {
  local: (records: Records) => Work
  remote: (dashboard: Dashboard) => Work
}

/** For commands about such a noun: here, or on the machine that `ARCHITECT_URL` names, as `saidBy` says. */
export async function withSide<Work, T>(
  sides: Sides<Work>,
  work: (desk: Work) => Promise<T>,
  saidBy?: string,
): Promise<T> {
  const address = remoteAddress(process.env, saidBy)
  if (!address) return withDatabase((records) => work(sides.local(records)))
  return work(sides.remote(new Dashboard(address)))
}

/** For commands about files and processes of this machine. Throws `UsageError` where another one is meant. */
export function requireHere(what: string): void {
  const address = process.env['ARCHITECT_URL']
  if (!address) return
  // Whatever else is wrong with it, and without a password that somebody wrote into it.
  const there = URL.canParse(address) ? new URL(address).host || address : address
  throw new UsageError(
    `${what} works on this machine only, and ARCHITECT_URL names another one (${there}). Run it over there, ` +
      `or for this machine without that variable: ARCHITECT_URL= ./deploy.sh ${what}`,
  )
}
