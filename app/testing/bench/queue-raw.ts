import type { Database as SqliteHandle, Statement } from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { Kysely } from 'kysely'
import { openEventBuffer, storeEvents } from '../../db/events.ts'
import type { Database } from '../../db/open.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { sqliteDialect } from '../../db/sqlite/driver.ts'

/*
 * The baseline: what the repository sends during one cycle, recorded statement by statement and run again
 * for other prompts straight through better-sqlite3. Nothing is written down twice, so it stays comparable.
 */

/** The values of one cycle that are different in the next one. */
interface Names {
  /** The prompt that was submitted. */
  submitted: number
  /** The prompt that was claimed: another one, since others wait before it. */
  claimed: number
  attempt: number
  token: string
}

type Binding = { name: keyof Names; asText: boolean } | { value: unknown }

interface RecordedStatement {
  statement: Statement<unknown[]>
  bindings: Binding[]
  /** What the row that it returns tells for the statements after it. */
  tells: keyof Names | null
}

/** One cycle: its transactions, each with its statements in order. */
export type RecordedCycle = RecordedStatement[][]

type Cycle = (write: Database['write']) => Promise<void>

/** Runs two cycles in a transaction that is rolled back: what differs between them are the cycle's names. */
export async function recordCycle(raw: SqliteHandle, cycle: Cycle): Promise<RecordedCycle> {
  raw.exec('begin')
  try {
    const [first, second] = [await observe(raw, cycle), await observe(raw, cycle)]
    return first.steps.map((step, s) =>
      step.map(({ sql, parameters }, i) => ({
        statement: raw.prepare(sql),
        bindings: bindingsOf(parameters, first.names, second.steps[s]![i]!.parameters, second.names),
        tells: toldBy(sql),
      })),
    )
  } finally {
    raw.exec('rollback')
  }
}

/** `prompts` cycles at once, each step of all of them in one commit. */
export function replayCycles(raw: SqliteHandle, cycle: RecordedCycle, prompts: number): void {
  const all = Array.from({ length: prompts }, () => ({ token: randomBytes(9).toString('hex') }) as Names)
  for (const step of cycle) {
    raw.exec('begin immediate')
    for (const names of all) for (const statement of step) replay(statement, names)
    raw.exec('commit')
  }
}

function replay({ statement, bindings, tells }: RecordedStatement, names: Names) {
  const parameters = bindings.map((binding) => {
    if (!('name' in binding)) return binding.value
    return binding.asText ? String(names[binding.name]) : names[binding.name]
  })
  if (!statement.reader) return statement.run(parameters)
  const rows = statement.all(parameters) as { id: number }[]
  if (tells) Object.assign(names, { [tells]: rows[0]!.id })
  return rows
}

interface Sent {
  sql: string
  parameters: unknown[]
  rows: unknown[]
}

async function observe(raw: SqliteHandle, cycle: Cycle): Promise<{ steps: Sent[][]; names: Names }> {
  const steps: Sent[][] = []
  const db = recordingDb(raw, (sent) => steps.at(-1)!.push(sent))
  await cycle(async (work) => {
    steps.push([])
    openEventBuffer(db)
    const value = await work(db)
    await storeEvents(db)
    return value
  })
  return { steps, names: namesOf(steps.flat()) }
}

function recordingDb(raw: SqliteHandle, note: (sent: Sent) => void): Db {
  const prepare = (sql: string) => {
    const statement = raw.prepare<unknown[]>(sql)
    const { reader } = statement
    const all = (parameters: unknown[]) => {
      const rows = statement.all(parameters)
      note({ sql, parameters, rows })
      return rows
    }
    const run = (parameters: unknown[]) => {
      note({ sql, parameters, rows: [] })
      return statement.run(parameters)
    }
    return { reader, all, run }
  }
  const handle = { prepare } as unknown as SqliteHandle
  return new Kysely<Schema>({ dialect: sqliteDialect(handle, (error) => error) })
}

function namesOf(sent: Sent[]): Names {
  const names: Partial<Record<keyof Names, unknown>> = {}
  for (const { sql, rows } of sent) {
    const told = toldBy(sql)
    const [row] = rows as { id: number; token?: string }[]
    if (told && row) names[told] ??= row.id
    if (row?.token !== undefined) names.token = row.token
  }
  return names as Names
}

function toldBy(sql: string): 'submitted' | 'claimed' | 'attempt' | null {
  if (sql.startsWith('insert into "prompts"')) return 'submitted'
  if (sql.startsWith('insert into "attempts"') || sql.startsWith('insert into task_runs')) return 'attempt'
  return sql.includes('json_each') ? 'claimed' : null
}

function bindingsOf(one: unknown[], oneNames: Names, other: unknown[], otherNames: Names): Binding[] {
  const known = Object.keys(oneNames) as (keyof Names)[]
  return one.map((value, i) => {
    const name = known.find(
      (name) => String(value) === String(oneNames[name]) && String(other[i]) === String(otherNames[name]),
    )
    return name ? { name, asText: typeof value === 'string' } : { value }
  })
}
