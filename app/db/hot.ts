import type { Compilable, CompiledQuery, RawBuilder } from 'kysely'
import { dialectOf, type Dialect } from './dialect.ts'
import type { Db } from './schema.ts'

/**
 * A statement that is built and compiled once per dialect and then only bound: building one anew costs several
 * times its execution in SQLite (measured: 4–7 times). `build` gets a stand-in for each parameter, which
 * goes wherever a value can; lists cannot be parameters.
 *
 *     const renew = compileOnce((db, p: { id: number; until: number }) =>
 *       db.updateTable('attempts').set({ lease_until: p.until }).where('id', '=', p.id).returning('id'))
 *     const rows = await renew(db, { id: 7, until: 99 })
 */
export function compileOnce<P extends object, R>(
  build: (db: Db, parameters: P) => Compilable<R>,
): (db: Db, values: P) => Promise<R[]> {
  const templates = new Map<Dialect, Template<R>>()
  return async (db, values) => {
    const dialect = dialectOf(db)
    let template = templates.get(dialect)
    if (!template) templates.set(dialect, (template = templateOf(build(db, standIns as P).compile())))
    const { rows } = await db.executeQuery(bind(template, values))
    return rows
  }
}

/** A statement in SQL for `compileOnce`, where the builder has no words for it. */
export function rawQuery<R>(db: Db, statement: RawBuilder<R>): Compilable<R> {
  return { compile: () => statement.compile(db) }
}

interface Template<R> {
  query: CompiledQuery<R>
  slots: readonly unknown[]
}

class StandIn {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Whatever parameter is asked for, here is its stand-in. */
const standIns: object = new Proxy({}, { get: (_, name) => new StandIn(String(name)) })

function templateOf<R>(query: CompiledQuery<R>): Template<R> {
  return { query, slots: query.parameters }
}

function bind<R>({ query, slots }: Template<R>, values: object): CompiledQuery<R> {
  const record = values as Record<string, unknown>
  const parameters = slots.map((slot) => (slot instanceof StandIn ? record[slot.name] : slot))
  return { ...query, parameters }
}
