import type { Database as SqliteHandle, Statement } from 'better-sqlite3'
import { maskedFor } from '../mask.ts'
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'

/** Prepared statements kept per connection; the repositories need about a hundred. */
const maxStatements = 400

/**
 * Kysely over one open connection. Unlike Kysely's own SQLite driver it keeps its prepared statements
 * (preparing anew made a claim about six times slower) and has no queue for the connection: whoever hands
 * out this Kysely decides who uses it when.
 */
export function sqliteDialect(handle: SqliteHandle, describe: (error: unknown) => unknown): Dialect {
  return {
    createDriver: () => new ConnectionDriver(new SqliteConnection(handle, describe)),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #handle: SqliteHandle
  readonly #describe: (error: unknown) => unknown
  readonly #statements = new Map<string, Statement<unknown[]>>()

  constructor(handle: SqliteHandle, describe: (error: unknown) => unknown) {
    this.#handle = handle
    this.#describe = describe
  }

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const statement = this.#prepare(sql)
      const given = maskedFor(sql, parameters)
      if (statement.reader) return Promise.resolve({ rows: statement.all(given) as R[] })
      const { changes, lastInsertRowid } = statement.run(given)
      return Promise.resolve({
        rows: [],
        numAffectedRows: BigInt(changes),
        insertId: BigInt(lastInsertRowid),
      })
    } catch (error) {
      return Promise.reject(this.#describe(error))
    }
  }

  async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    for (const row of this.#handle.prepare(sql).iterate(parameters)) yield { rows: [row as R] }
  }

  #prepare(sql: string): Statement<unknown[]> {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#handle.prepare<unknown[]>(sql)
    if (this.#statements.size >= maxStatements) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }
}

class ConnectionDriver implements Driver {
  readonly #connection: SqliteConnection

  constructor(connection: SqliteConnection) {
    this.#connection = connection
  }

  async init() {}

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this.#connection)
  }

  /** Two callers would share one transaction on the one connection. */
  beginTransaction(): Promise<void> {
    throw new Error('A transaction on SQLite is made by Database.write, never by kysely.transaction.')
  }

  async commitTransaction() {}
  async rollbackTransaction() {}
  async releaseConnection() {}
  async destroy() {}
}
