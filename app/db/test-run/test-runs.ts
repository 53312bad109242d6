import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { testResultSchema, type TestResult } from '../../core/test-suite.ts'
import { fromJson, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db, TestRunRow } from '../schema.ts'

/** One run of a suite, without what its steps said. */
export interface TestRun {
  id: number
  suite: string
  outcome: TestResult['outcome']
  beganAt: EpochMs
  durationMs: number
  passed: number
  total: number
  by: string
}

/** Of one suite, and of all; older ones are removed as new ones come. */
const keptOfSuite = 100
const keptInAll = 2_000

/** Keeps what came of a run; returns its number. */
export async function keepTestRun(db: Db, result: TestResult, by: string, now: EpochMs): Promise<number> {
  const { suite, outcome, began_at, duration_ms, counts } = result
  const total = result.cases.length
  const { id } = await db
    .insertInto('test_runs')
    .values({
      suite,
      outcome,
      began_at,
      duration_ms,
      passed: counts.passed,
      total,
      run_by: by,
      result: toJson(result),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await trim(db, suite)
  const data = { name: suite, outcome, passed: counts.passed, total }
  appendEvent(db, { at: now, noun: 'suite', nounId: String(id), type: 'run', data })
  return id
}

/** The newest first; of one suite when it is named. */
export async function listTestRuns(
  db: Db,
  { suite }: { suite?: string | undefined },
  slice: { limit: number; offset: number },
): Promise<TestRun[]> {
  const rows = await db
    .selectFrom('test_runs')
    .select(listed)
    .$if(suite !== undefined, (query) => query.where('suite', '=', suite!))
    .orderBy('id', 'desc')
    .limit(slice.limit)
    .offset(slice.offset)
    .execute()
  return rows.map(toTestRun)
}

/** The last run of each suite, by the suites' names. */
export async function latestTestRuns(db: Db): Promise<TestRun[]> {
  const newest = db
    .selectFrom('test_runs')
    .select((eb) => eb.fn.max('id').as('id'))
    .groupBy('suite')
  const rows = await db
    .selectFrom('test_runs')
    .select(listed)
    .where('id', 'in', newest)
    .orderBy('suite')
    .execute()
  return rows.map(toTestRun)
}

/** Throws `not_found`. */
export async function getTestRun(db: Db, id: number): Promise<TestRun & { result: TestResult }> {
  const row = await db.selectFrom('test_runs').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row)
    throw new AppError('not_found', `There is no test run ${id}. See which there are: test-suite list.`)
  return { ...toTestRun(row), result: testResultSchema.parse(fromJson(row.result)) }
}

async function trim(db: Db, suite: string): Promise<void> {
  const beyond = (ofSuite: boolean) =>
    db
      .selectFrom('test_runs')
      .select('id')
      .$if(ofSuite, (query) => query.where('suite', '=', suite))
      .orderBy('id', 'desc')
      .limit(dropAtOnce)
      .offset(ofSuite ? keptOfSuite : keptInAll)
  for (const ofSuite of [true, false]) {
    const ids = (await beyond(ofSuite).execute()).map(({ id }) => id)
    if (ids.length > 0) await db.deleteFrom('test_runs').where('id', 'in', ids).execute()
  }
}

const dropAtOnce = 10

const listed = ['id', 'suite', 'outcome', 'began_at', 'duration_ms', 'passed', 'total', 'run_by'] as const

function toTestRun(row: Pick<Selectable<TestRunRow>, (typeof listed)[number]>): TestRun {
  return {
    id: row.id,
    suite: row.suite,
    outcome: row.outcome,
    beganAt: row.began_at,
    durationMs: row.duration_ms,
    passed: row.passed,
    total: row.total,
    by: row.run_by,
  }
}
