import { sql, type RawBuilder } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Held, Lease } from '../../core/queue.ts'
import { compileOnce, rawQuery } from '../hot.ts'
import type { Db } from '../schema.ts'

/** A table of tries at what waits in a queue: each has an owner with a lease, until it has an outcome. */
export type LeasedTable = 'attempts' | 'task_runs'

/** What those tables have in common. */
interface LeasedRow {
  id: number
  outcome: string | null
  lease_owner: string
  lease_epoch: number
}

type Columns = Record<string, unknown>
type ChangeParameters = Columns & Held

/** How columns are set that are not simply replaced. */
type Setters = Record<string, (given: unknown) => RawBuilder<unknown>>

/** Leases on the rows of a table; `called` is the noun in sentences: `Attempt`. */
export function leasesOn<Row extends LeasedRow>(table: LeasedTable, called: string, setters: Setters = {}) {
  const rows = sql.table(table)
  /** One compiled statement for each set of changed columns: about a dozen in practice. */
  const changes = new Map<string, (db: Db, values: ChangeParameters) => Promise<Row[]>>()

  const renewStatement = compileOnce((db, p: Lease) =>
    rawQuery<{ id: number }>(
      db,
      sql`update ${rows} set lease_until = ${p.until} where lease_owner = ${p.owner} and outcome is null returning id`,
    ),
  )

  const takeOverStatement = compileOnce((db, p: Lease & { now: EpochMs }) =>
    rawQuery<Row>(
      db,
      sql`update ${rows} set lease_owner = ${p.owner}, lease_until = ${p.until}, lease_epoch = lease_epoch + 1
        where outcome is null and lease_owner <> ${p.owner} and lease_until <= ${p.now} returning *`,
    ),
  )

  function changeStatement(names: string[]) {
    const key = names.join(' ')
    const known = changes.get(key)
    if (known) return known
    const made = compileOnce((db, p: ChangeParameters) => {
      const set = names.map((name) => sql`${sql.ref(name)} = ${setters[name]?.(p[name]) ?? p[name]}, `)
      // A row that ends without a field to note still needs a column to set.
      return rawQuery<Row>(
        db,
        sql`update ${rows} set ${sql.join(set, sql``)}lease_epoch = lease_epoch
          where id = ${p.id} and lease_epoch = ${p.leaseEpoch} and outcome is null returning *`,
      )
    })
    changes.set(key, made)
    return made
  }

  return {
    /** A sign of life for everything that the owner works on; returns how much that is. */
    async renew(db: Db, lease: Lease): Promise<number> {
      return (await renewStatement(db, lease)).length
    },

    /** Makes live rows of owners whose lease ended this one's, with a higher epoch; the oldest first. */
    async takeOver(db: Db, lease: Lease, now: EpochMs): Promise<Row[]> {
      const taken = await takeOverStatement(db, { ...lease, now })
      return taken.sort((a, b) => a.id - b.id)
    },

    /** One statement, which changes nothing when the row ended or changed hands: then it throws `conflict`. */
    async change(db: Db, held: Held, columns: Columns): Promise<Row> {
      const change = changeStatement(Object.keys(columns))
      const [row] = await change(db, { ...columns, id: held.id, leaseEpoch: held.leaseEpoch })
      if (!row) throw await refusal(db, held)
      return row
    },
  }

  async function refusal(db: Db, { id, leaseEpoch }: Held): Promise<AppError> {
    const found = await sql<Row>`select * from ${rows} where id = ${id}`.execute(db)
    const row = found.rows[0]
    if (!row) return new AppError('not_found', `There is no ${called.toLowerCase()} ${id}.`)
    if (row.outcome !== null) return new AppError('conflict', `${called} ${id} is over: ${row.outcome}.`)
    return new AppError(
      'conflict',
      `${called} ${id} belongs to ${row.lease_owner} now (lease ${row.lease_epoch}, not ${leaseEpoch}).`,
    )
  }
}
