import { sql, type RawBuilder } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Transition } from '../../core/lifecycle.ts'
import { compileOnce, rawQuery } from '../hot.ts'
import type { Db } from '../schema.ts'

/** A queue's table: what has a state, and a version that each change raises. */
export type QueueTable = 'prompts' | 'task_queue'

/** What an event sets beside the state, by column, whoever raises it. */
export type EffectOf<Event> = (event: Event, now: EpochMs) => Record<string, RawBuilder<unknown>>

type Columns = Record<string, unknown>
type Parameters = Columns & { id: number; now: EpochMs }

/**
 * The events of a lifecycle as guarded statements: each changes the row only where its state allows the event, and
 * returns it as it is then; null: it does not. `columns` are set on top of what the event implies by itself.
 */
export function guardedEvents<Row, Event extends string>(
  table: QueueTable,
  events: Record<Event, Transition<string>>,
  effectOf: EffectOf<Event>,
) {
  /** One compiled statement for each event and set of changed columns: a few dozen in practice. */
  const known = new Map<string, (db: Db, values: Parameters) => Promise<Row[]>>()
  return async (db: Db, event: Event, columns: Columns, { id, now }: { id: number; now: EpochMs }) => {
    const names = Object.keys(columns)
    const key = `${event} ${names.join(' ')}`
    let statement = known.get(key)
    if (!statement) {
      statement = compileOnce((db, p: Parameters) =>
        rawQuery<Row>(db, update(table, events[event], { ...effectOf(event, p.now), ...pick(p, names) }, p)),
      )
      known.set(key, statement)
    }
    const [row] = await statement(db, { ...columns, id, now })
    return row ?? null
  }
}

function update<Row>(
  table: QueueTable,
  { from, to }: Transition<string>,
  columns: Columns,
  p: Parameters,
): RawBuilder<Row> {
  const changes = Object.entries(columns).map(([name, value]) => sql`, ${sql.ref(name)} = ${value}`)
  return sql<Row>`update ${sql.table(table)} set state = ${sql.lit(to)}, version = version + 1${sql.join(changes, sql``)}
    where id = ${p.id} and state in (${sql.join(from.map((state) => sql.lit(state)))}) returning *`
}

function pick(parameters: Parameters, names: readonly string[]): Columns {
  return Object.fromEntries(names.map((name) => [name, parameters[name]]))
}
