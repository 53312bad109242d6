import type { Actor } from '../core/account.ts'
import type { Database } from './open.ts'
import type { Db } from './schema.ts'

/** The same database, whose writes say that `actor` did them. */
export function writingAs(database: Database, actor: Actor): Database {
  return {
    kysely: database.kysely,
    dialect: database.dialect,
    dataDir: database.dataDir,
    bus: database.bus,
    write: (work) =>
      database.write((db) => {
        actors.set(db, actor)
        return work(db)
      }),
    by: (other) => writingAs(database, other),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/**
 * Who does the write that is under way on `db`; null when nobody said. Forgets it: on SQLite the same `db`
 * serves one write after the other.
 */
export function takeActor(db: Db): Actor | null {
  const actor = actors.get(db) ?? null
  actors.delete(db)
  return actor
}

const actors = new WeakMap<Db, Actor>()
