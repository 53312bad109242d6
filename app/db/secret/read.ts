import { sql, type Selectable } from 'kysely'
import { AppError } from '../../core/errors.ts'
import type { Secret, SecretCategory, SecretId, SecretVersion } from '../../core/secret.ts'
import type { Db, SecretRow, SecretVersionRow } from '../schema.ts'

export interface SecretFilter {
  category?: SecretCategory
  /** Letters of a name or a description. */
  q?: string
  /** Only those whose names come after this one. */
  after?: string
  limit?: number
}

/** By name. No value is read, not even a sealed one. */
export async function listSecrets(db: Db, filter: SecretFilter = {}): Promise<Secret[]> {
  let query = selectSecrets(db).orderBy('name')
  if (filter.category !== undefined) query = query.where('category', '=', filter.category)
  if (filter.after !== undefined) query = query.where('name', '>', filter.after)
  if (filter.limit !== undefined) query = query.limit(filter.limit)
  if (filter.q !== undefined) {
    const letters = `%${filter.q.toLowerCase().replaceAll(/[%_\\]/g, '\\$&')}%`
    query = query.where((eb) =>
      eb.or([
        sql<boolean>`lower(name) like ${letters} escape '\\'`,
        sql<boolean>`lower(description) like ${letters} escape '\\'`,
      ]),
    )
  }
  return (await query.execute()).map(toSecret)
}

/** Throws `not_found`. */
export async function getSecret(db: Db, id: SecretId): Promise<Secret> {
  const row = await selectSecrets(db).where('id', '=', id).executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no secret ${id}; it may have been deleted.`)
  return toSecret(row)
}

/** Throws `not_found`, with what to do. */
export async function getSecretByName(db: Db, name: string): Promise<Secret> {
  const row = await selectSecrets(db).where('name', '=', name).executeTakeFirst()
  if (row) return toSecret(row)
  throw new AppError(
    'not_found',
    `There is no secret "${name}". ./deploy.sh vault list shows those there are.`,
  )
}

/** The newest comes first. */
export async function versionsOf(db: Db, id: SecretId): Promise<SecretVersion[]> {
  const rows = await db
    .selectFrom('secret_versions')
    .select(['number', 'note', 'created_at', 'created_by'])
    .where('secret_id', '=', id)
    .orderBy('number', 'desc')
    .execute()
  return rows.map((row) => ({
    number: row.number,
    note: row.note,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }))
}

/** A version with its sealed value and the name that it is bound to. */
export type StoredVersion = Selectable<SecretVersionRow> & { name: string }

/** Throws `not_found`. */
export async function getVersion(db: Db, secret: Secret, number: number): Promise<StoredVersion> {
  const row = await selectVersions(db)
    .where('secret_id', '=', secret.id)
    .where('number', '=', number)
    .executeTakeFirst()
  if (row) return row
  throw new AppError('not_found', `The secret "${secret.name}" has no version ${number}, or no more.`)
}

/** All that are kept, by id, from after `afterId` on. */
export function storedVersions(db: Db, page: { afterId: number; limit: number }): Promise<StoredVersion[]> {
  const query = selectVersions(db).where('secret_versions.id', '>', page.afterId)
  return query.orderBy('secret_versions.id').limit(page.limit).execute()
}

export function versionsUnder(db: Db, keyId: number, limit: number): Promise<StoredVersion[]> {
  return selectVersions(db).where('key_id', '=', keyId).orderBy('secret_versions.id').limit(limit).execute()
}

export function storedVersionsOf(db: Db, id: SecretId): Promise<StoredVersion[]> {
  return selectVersions(db).where('secret_id', '=', id).orderBy('number').execute()
}

function selectVersions(db: Db) {
  return db
    .selectFrom('secret_versions')
    .innerJoin('secrets', 'secrets.id', 'secret_versions.secret_id')
    .selectAll('secret_versions')
    .select('secrets.name')
}

function selectSecrets(db: Db) {
  return db
    .selectFrom('secrets')
    .selectAll('secrets')
    .select((eb) =>
      eb
        .selectFrom('secret_versions')
        .whereRef('secret_versions.secret_id', '=', 'secrets.id')
        .select((inner) => inner.fn.countAll<number>().as('count'))
        .as('versions'),
    )
}

function toSecret(row: Selectable<SecretRow> & { versions: number | null }): Secret {
  return {
    id: row.id,
    name: row.name,
    category: row.category,
    description: row.description,
    version: row.version,
    versions: row.versions ?? 0,
    expiresAt: row.expires_at,
    remindDays: row.remind_days,
    accessCount: row.access_count,
    lastAccessedAt: row.accessed_at,
    lastAccessedBy: row.accessed_by,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    updatedBy: row.updated_by,
  }
}
