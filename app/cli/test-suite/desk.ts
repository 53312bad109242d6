import type { TestResult } from '../../core/test-suite.ts'
import { keepTestRun, listTestRuns, type TestRun } from '../../db/test-run/test-runs.ts'
import { fromJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { personHere } from '../person.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import type { Sides } from '../with.ts'

/** Runs of suites that one machine's dashboard keeps. */
export interface TestRunDesk {
  /** Returns the number of the run. */
  keep(result: TestResult): Promise<number>
  /** The newest first. */
  list(limit: number): Promise<TestRun[]>
}

export const testRunDesks: Sides<TestRunDesk> = { local: localRuns, remote: remoteRuns }

function localRuns({ database, clock }: Records): TestRunDesk {
  return {
    keep: (result) => database.write((db) => keepTestRun(db, result, personHere().name, clock.now())),
    list: (limit) => listTestRuns(database.kysely, {}, { limit, offset: 0 }),
  }
}

function remoteRuns(dashboard: Dashboard): TestRunDesk {
  return {
    async keep(result) {
      return (await dashboard.send<{ id: number }>('POST', '/api/test-runs', result)).id
    },
    async list(limit) {
      const { items } = await dashboard.get<{ items: Json<TestRun>[] }>('/api/test-runs', { limit })
      return items.map((item) => fromJson<TestRun>(item))
    },
  }
}
