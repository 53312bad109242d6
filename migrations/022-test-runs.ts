import type { Kysely } from 'kysely'
import { addId, required } from './columns.ts'

/** What came of runs of test suites; `result` is the whole of it as JSON. */
export async function testRuns(db: Kysely<unknown>, dialect: 'sqlite' | 'postgres') {
  await addId(db.schema.createTable('test_runs'), dialect)
    .addColumn('suite', 'text', required)
    .addColumn('outcome', 'text', required)
    .addColumn('began_at', 'bigint', required)
    .addColumn('duration_ms', 'bigint', required)
    .addColumn('passed', 'integer', required)
    .addColumn('total', 'integer', required)
    .addColumn('run_by', 'text', required)
    .addColumn('result', 'text', required)
    .execute()
  await db.schema.createIndex('test_runs_suite').on('test_runs').columns(['suite', 'id']).execute()
}
