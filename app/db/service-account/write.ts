import type { EpochMs } from '../../core/clock.ts'
import { AppError, OutdatedError } from '../../core/errors.ts'
import {
  serviceAccountLimits,
  type ServiceAccount,
  type ServiceAccountId,
} from '../../core/service-account.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getSecret } from '../secret/read.ts'
import { getServiceAccount } from './read.ts'

export type ServiceAccountWords = Pick<
  ServiceAccount,
  'service' | 'loginName' | 'node' | 'status' | 'description' | 'secretId'
>

/** What is undefined stays. */
export type ServiceAccountChanges = {
  [Field in keyof ServiceAccountWords]?: ServiceAccountWords[Field] | undefined
}

/** Throws `conflict` when there is this login already, `not_found` for a secret that is not there. */
export async function createServiceAccount(
  db: Db,
  words: ServiceAccountWords,
  by: string,
  now: EpochMs,
): Promise<ServiceAccount> {
  await refuseTooMany(db)
  await requireSecret(db, words.secretId)
  const row = await db
    .insertInto('service_accounts')
    .values({ ...columnsOf(words), created_at: now, created_by: by, updated_at: now, updated_by: by })
    .onConflict((conflict) => conflict.columns(['service', 'login_name', 'node']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (!row) throw taken(words)
  return tell(db, 'create', await getServiceAccount(db, row.id), now)
}

/** Throws `not_found`, `conflict` for the login of another one, `OutdatedError` when it is of another version by now. */
export async function changeServiceAccount(
  db: Db,
  id: ServiceAccountId,
  changes: ServiceAccountChanges,
  { version, by, now }: { version: number | undefined; by: string; now: EpochMs },
): Promise<ServiceAccount> {
  const before = await getServiceAccount(db, id)
  const words = { ...before, ...withoutUndefined(changes) }
  if (words.secretId !== before.secretId) await requireSecret(db, words.secretId)
  await refuseTaken(db, id, words)
  const row = await db
    .updateTable('service_accounts')
    .set((eb) => ({ ...columnsOf(words), version: eb('version', '+', 1), updated_at: now, updated_by: by }))
    .where('id', '=', id)
    .where('version', '=', version ?? before.version)
    .returning('id')
    .executeTakeFirst()
  if (!row) throw outdated(before)
  return tell(db, 'edit', await getServiceAccount(db, id), now)
}

/** Throws `not_found`, `OutdatedError` when it is of another version by now. The secret stays in the vault. */
export async function deleteServiceAccount(
  db: Db,
  id: ServiceAccountId,
  { version, now }: { version?: number | undefined; now: EpochMs },
): Promise<void> {
  const account = await getServiceAccount(db, id)
  const { numDeletedRows } = await db
    .deleteFrom('service_accounts')
    .where('id', '=', id)
    .where('version', '=', version ?? account.version)
    .executeTakeFirstOrThrow()
  if (numDeletedRows === 0n) throw outdated(account)
  tell(db, 'delete', account, now)
}

function outdated(present: ServiceAccount): OutdatedError {
  return new OutdatedError(`Account ${present.id} was changed meanwhile. Look at it again.`, present)
}

function tell(db: Db, type: string, account: ServiceAccount, at: EpochMs): ServiceAccount {
  const { service, loginName, node, status } = account
  const data = { name: `${loginName} at ${service}`, node, detail: status }
  appendEvent(db, { at, noun: 'service_account', nounId: String(account.id), type, data })
  return account
}

async function refuseTooMany(db: Db): Promise<void> {
  const { count } = await db
    .selectFrom('service_accounts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  if (count < serviceAccountLimits.accounts) return
  throw new AppError(
    'conflict',
    `There are ${count} service accounts, which is the limit. Delete some first.`,
  )
}

async function requireSecret(db: Db, secretId: number | null): Promise<void> {
  if (secretId !== null) await getSecret(db, secretId)
}

async function refuseTaken(db: Db, id: ServiceAccountId, words: ServiceAccountWords): Promise<void> {
  const row = await db
    .selectFrom('service_accounts')
    .select('id')
    .where('service', '=', words.service)
    .where('login_name', '=', words.loginName)
    .where('node', '=', words.node)
    .executeTakeFirst()
  if (row && row.id !== id) throw taken(words)
}

function taken({ service, loginName, node }: ServiceAccountWords): AppError {
  const where = node === '' ? 'all nodes' : node
  return new AppError('conflict', `There is an account ${loginName} at ${service} for ${where} already.`)
}

function columnsOf({ service, loginName, node, status, description, secretId }: ServiceAccountWords) {
  return { service, login_name: loginName, node, status, description, secret_id: secretId }
}

function withoutUndefined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}
