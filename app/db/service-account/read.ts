import { sql, type Selectable } from 'kysely'
import { AppError } from '../../core/errors.ts'
import type {
  ServiceAccount,
  ServiceAccountCount,
  ServiceAccountId,
  ServiceAccountStatus,
} from '../../core/service-account.ts'
import { likeWords } from '../like-words.ts'
import type { Db, ServiceAccountRow } from '../schema.ts'

export interface ServiceAccountFilter {
  service?: string
  node?: string
  status?: ServiceAccountStatus
  /** Every word of it stands somewhere in service, login name or description. */
  q?: string
}

/** By service, login name and node. */
export async function listServiceAccounts(
  db: Db,
  { service, node, status, q }: ServiceAccountFilter,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<ServiceAccount[]> {
  const text = sql`a.service || ' ' || a.login_name || ' ' || a.description`
  const rows = await selectAccounts(db)
    .$if(service !== undefined, (query) => query.where('a.service', '=', service!))
    .$if(node !== undefined, (query) => query.where('a.node', '=', node!))
    .$if(status !== undefined, (query) => query.where('a.status', '=', status!))
    .where((eb) => eb.and(likeWords(sql`(${text})`, q)))
    .orderBy('a.service')
    .orderBy('a.login_name')
    .orderBy('a.node')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(toServiceAccount)
}

/** Throws `not_found`. */
export async function getServiceAccount(db: Db, id: ServiceAccountId): Promise<ServiceAccount> {
  const row = await selectAccounts(db).where('a.id', '=', id).executeTakeFirst()
  if (row) return toServiceAccount(row)
  throw new AppError('not_found', `There is no service account ${id}; it may have been deleted.`)
}

/** By service, node and status. */
export async function countServiceAccounts(db: Db): Promise<ServiceAccountCount[]> {
  const rows = await db
    .selectFrom('service_accounts as a')
    .leftJoin('secrets as s', 's.id', 'a.secret_id')
    .select((eb) => [
      'a.service',
      'a.node',
      'a.status',
      eb.fn.countAll<number>().as('count'),
      eb.fn.count<number>('s.id').as('opened'),
    ])
    .groupBy(['a.service', 'a.node', 'a.status'])
    .orderBy('a.service')
    .orderBy('a.node')
    .orderBy('a.status')
    .execute()
  return rows.map(({ opened, ...row }) => ({ ...row, withoutSecret: row.count - opened }))
}

function selectAccounts(db: Db) {
  return db
    .selectFrom('service_accounts as a')
    .leftJoin('secrets as s', 's.id', 'a.secret_id')
    .selectAll('a')
    .select('s.name as secret_name')
}

function toServiceAccount(
  row: Selectable<ServiceAccountRow> & { secret_name: string | null },
): ServiceAccount {
  return {
    id: row.id,
    service: row.service,
    loginName: row.login_name,
    node: row.node,
    status: row.status,
    description: row.description,
    secretId: row.secret_id,
    secretName: row.secret_name,
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}
