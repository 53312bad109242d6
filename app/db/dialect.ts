import { PostgresAdapter } from 'kysely'
import type { Db } from './schema.ts'

export type Dialect = 'sqlite' | 'postgres'

export function dialectOf(db: Db): Dialect {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
}
