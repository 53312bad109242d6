import type { Kysely } from 'kysely'
import type { Actor } from '../core/account.ts'
import type { Bus } from '../core/bus.ts'
import { systemClock, type Clock } from '../core/clock.ts'
import type { Dialect } from './dialect.ts'
import type { Db, Schema } from './schema.ts'
import { openSqlite } from './sqlite/open.ts'

/** The one store that every process of Architect shares. */
export interface Database extends AsyncDisposable {
  /** Reads only: what is asked here sees everything that was committed. */
  readonly kysely: Kysely<Schema>
  readonly dialect: Dialect
  /** The folder of this installation's own files; absolute or as it was given. */
  readonly dataDir: string
  /**
   * One transaction: everything that `work` does, with its events, is stored durably when this resolves, or
   * nothing of it when this rejects. `work` may run again from the start after a collision with another
   * process, and waits for nothing but `db`. Throws `unavailable` when the database cannot take it.
   */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>
  readonly bus: Bus
  /** The same database; everything that is written through it says in the log that `actor` did it. */
  by(actor: Actor): Database
}

export interface DatabaseOptions {
  /** Folder of `architect.db` and `backups/`; made when it is missing. */
  dataDir: string
  /** `postgres://…`; without it the data is in SQLite. */
  databaseUrl?: string | undefined
  clock?: Clock
  /** Neither makes nor migrates nor changes anything. */
  readonly?: boolean
  /** How long a write waits for another process of this machine (SQLite), in ms. */
  busyTimeoutMs?: number
  /** What was mended, or is worked around, and should be known all the same: a connection that broke. */
  onFault?: (error: unknown) => void
}

const defaultBusyTimeoutMs = 10_000

/**
 * Opens the database and brings its schema up to date. Throws `unavailable` with a sentence that says what to
 * do when the file is locked, damaged, not permitted or of a newer version, or the server does not answer.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const settled = {
    ...options,
    clock: options.clock ?? systemClock,
    readonly: options.readonly ?? false,
    busyTimeoutMs: options.busyTimeoutMs ?? defaultBusyTimeoutMs,
    onFault: options.onFault ?? (() => undefined),
  }
  if (!options.databaseUrl) return openSqlite(settled)
  // Its client is loaded where it is used: every command starts faster without.
  const { openPostgres } = await import('./postgres/open.ts')
  return openPostgres({ ...settled, databaseUrl: options.databaseUrl })
}
