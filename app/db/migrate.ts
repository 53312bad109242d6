import { sql, type Kysely } from 'kysely'
import { migrations as allMigrations, type Migration } from '../../migrations/index.ts'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { dialectOf } from './dialect.ts'
import type { Db } from './schema.ts'

/** Where a database's schema stands. */
export interface SchemaState {
  /** The last migration that ran; null for an empty database. */
  version: string | null
  pending: readonly Migration[]
}

/** Throws `unavailable` when a newer version of Architect has migrated this database. */
export async function schemaState(db: Db, migrations = allMigrations): Promise<SchemaState> {
  const applied = new Set(await appliedMigrations(db))
  for (const { name } of migrations) applied.delete(name)
  const unknown = [...applied].sort().at(-1)
  if (unknown !== undefined) {
    throw new AppError(
      'unavailable',
      `The database was made by a newer version of Architect (its schema is ${unknown}). ` +
        'Update this program, or restore the backup that the update made.',
    )
  }
  const names = await appliedMigrations(db)
  const pending = migrations.filter(({ name }) => !names.includes(name))
  return { version: names.at(-1) ?? null, pending }
}

/**
 * Runs what is missing. The caller holds the one lock that lets a single process migrate, and the
 * transaction: a process that waited for it finds nothing left to do.
 */
export async function runMigrations(db: Db, now: EpochMs, migrations = allMigrations): Promise<void> {
  await sql`create table if not exists schema_migrations (name text primary key, applied_at bigint not null)`.execute(
    db,
  )
  const { pending } = await schemaState(db, migrations)
  for (const { name, up } of pending) {
    await up(db as unknown as Kysely<unknown>, dialectOf(db))
    await db.insertInto('schema_migrations').values({ name, applied_at: now }).execute()
  }
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const tables = await sql<{ found: number }>`select count(*) as found from ${
    dialectOf(db) === 'postgres'
      ? sql`information_schema.tables where table_schema = current_schema() and table_name`
      : sql`sqlite_master where name`
  } = 'schema_migrations'`.execute(db)
  if (!tables.rows[0]?.found) return []
  const rows = await db.selectFrom('schema_migrations').select('name').orderBy('name').execute()
  return rows.map(({ name }) => name)
}
