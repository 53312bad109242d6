import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Clock } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { writingAs } from '../by.ts'
import { openEventBuffer, storeEvents } from '../events.ts'
import { runMigrations, schemaState } from '../migrate.ts'
import type { Database } from '../open.ts'
import type { Db, Schema } from '../schema.ts'
import { PostgresBus, channel } from './bus.ts'
import { describedPool } from './described-pool.ts'
import { describePostgresFailure, isCollision } from './failures.ts'

export interface PostgresOptions {
  databaseUrl: string
  dataDir: string
  clock: Clock
  readonly: boolean
  onFault: (error: unknown) => void
}

/** Connections of one process; ten replicas stay below PostgreSQL's usual 100. */
const maxConnections = 8
/** Collisions with other transactions are repeated this often, after a short random pause. */
const maxCollisions = 8

/** Queries outside of `write` run read-only, as on SQLite, so that no change is made without its event. */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const { databaseUrl, dataDir, clock, readonly, onFault } = options
  const describe = (error: unknown) => describePostgresFailure(error, databaseUrl)
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    options: '-c default_transaction_read_only=on',
    types: { getTypeParser: parserOf },
  })
  // A connection that breaks while nobody uses it: the pool has dropped it already, the next query opens another.
  pool.on('error', () => undefined)
  const kysely = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: describedPool(pool, describe) }) })
  try {
    await migratePostgres(kysely, clock, readonly)
  } catch (error) {
    await kysely.destroy()
    throw error
  }
  const bus = new PostgresBus(databaseUrl, pool, onFault)
  const database: Database = {
    kysely,
    dialect: 'postgres',
    dataDir,
    bus,
    write(work) {
      if (readonly) throw new Error('This database was opened for reading only.')
      return write(kysely, work)
    },
    by: (actor) => writingAs(database, actor),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]()
      await kysely.destroy()
    },
  }
  return database
}

async function write<T>(kysely: Db, work: (db: Db) => Promise<T>): Promise<T> {
  for (let collisions = 0; ; collisions += 1) {
    try {
      return await transaction(kysely, work)
    } catch (error) {
      if (!isCollision(error) || collisions >= maxCollisions) throw error
    }
    await new Promise((resolve) => {
      setTimeout(resolve, Math.random() * 20 * (collisions + 1))
    })
  }
}

function transaction<T>(kysely: Db, work: (db: Db) => Promise<T>): Promise<T> {
  return kysely
    .transaction()
    .setAccessMode('read write')
    .execute(async (db) => {
      openEventBuffer(db)
      const value = await work(db)
      if (await storeEvents(db)) await sql`select pg_notify(${channel}, '')`.execute(db)
      return value
    })
}

/** An advisory lock, held to the end of the transaction, lets one process migrate at a time. */
async function migratePostgres(kysely: Db, clock: Clock, readonly: boolean) {
  const { pending } = await schemaState(kysely)
  if (pending.length === 0) return
  if (readonly) {
    throw new AppError(
      'unavailable',
      'The database is of an older version. Start the assigner once to update it.',
    )
  }
  await kysely
    .transaction()
    .setAccessMode('read write')
    .execute(async (db) => {
      await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(db)
      await runMigrations(db, clock.now())
    })
}

const migrationLock = 4_707_002

const numbers = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC])

/** Ids, times and counts are far below 2^53: numbers, as SQLite gives them. */
function parserOf(
  type: Parameters<typeof pg.types.getTypeParser>[0],
  format?: 'text' | 'binary',
): (value: string) => unknown {
  return numbers.has(type) ? Number : pg.types.getTypeParser(type, format)
}
