import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Suggested } from '../../core/suggestion.ts'
import type { TestResult } from '../../core/test-suite.ts'
import { databases, type TestStore } from '../../testing/databases.ts'
import { createProject } from '../project/write.ts'
import { getTestRun, keepTestRun, latestTestRuns, listTestRuns } from '../test-run/test-runs.ts'
import { createWork } from '../work/create.ts'
import { workOfPlan } from '../work/planned.ts'
import { advanceSuggestion, countSuggestions, keepSuggestions, listSuggestions } from './suggestions.ts'

const suggested = (key: string, more: Partial<Suggested> = {}): Suggested => ({
  key,
  source: 'error',
  title: `Fix ${key}`,
  description: '',
  priority: 5,
  projectId: null,
  ref: '1',
  sightedAt: null,
  ...more,
})

const result = (suite: string): TestResult => ({
  suite,
  file: 'x.yaml',
  outcome: 'passed',
  began_at: 1,
  duration_ms: 1,
  counts: { passed: 0, failed: 0, error: 0, skipped: 0 },
  cases: [],
})

describe.each(databases)('on $name', ({ open }) => {
  let store: TestStore
  beforeEach(async () => void (store = await open()))
  afterEach(() => store[Symbol.asyncDispose]())

  const keep = (now: number, ...all: Suggested[]) =>
    store.database.write((db) => keepSuggestions(db, all, ['error'], now))

  test('suggestions are kept by key, in their order, and withdrawn with their reason', async () => {
    await keep(1, suggested('a'), suggested('b', { priority: 9 }))
    const again = await keep(2, suggested('b', { title: 'Fix b now' }), suggested('c'))
    const listed = await listSuggestions(
      store.database.kysely,
      { states: ['pending'] },
      { limit: 9, offset: 0 },
    )

    expect(again).toEqual({ added: 1, returned: 0, withdrawn: 1 })
    expect(listed.map(({ key, title }) => [key, title])).toEqual([
      ['b', 'Fix b now'],
      ['c', 'Fix c'],
    ])
    expect(await countSuggestions(store.database.kysely)).toEqual({ pending: 2, withdrawn: 1 })
  })

  test('of many who decide at the same time, one does', async () => {
    await keep(1, suggested('a'))
    const decide = (how: 'confirm' | 'skip') =>
      store.database.write((db) => advanceSuggestion(db, 1, how, { by: 'ann', now: 2 }))

    const decided = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => decide(n % 2 ? 'skip' : 'confirm')),
    )

    expect(decided.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('the last hundred runs of a suite are kept, and the last of each suite is found', async () => {
    for (let n = 0; n < 103; n += 1)
      await store.database.write((db) => keepTestRun(db, result('a'), 'ann', n))
    const other = await store.database.write((db) => keepTestRun(db, result('b'), 'ann', 1))

    const runs = await listTestRuns(store.database.kysely, { suite: 'a' }, { limit: 200, offset: 0 })
    const latest = await latestTestRuns(store.database.kysely)

    expect(runs).toHaveLength(100)
    expect(latest.map(({ id, suite }) => [id, suite])).toEqual([
      [runs[0]!.id, 'a'],
      [other, 'b'],
    ])
    expect((await getTestRun(store.database.kysely, other)).result).toEqual(result('b'))
    await expect(getTestRun(store.database.kysely, 999)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('work that was made of a plan is found by the keys of its tasks', async () => {
    const words = { description: '', rootPath: null, repositoryUrl: null, metadata: {} }
    const { id: projectId } = await store.database.write((db) =>
      createProject(db, { ...words, name: 'Shop' }, 'ann', 1),
    )
    const work = {
      kind: 'feature' as const,
      projectId,
      title: 'x',
      description: '',
      milestoneId: null,
      priority: 0,
      severity: null,
      assignee: null,
    }
    const made = await store.database.write((db) =>
      createWork(db, { ...work, metadata: { plan_key: 'k1' } }, 'ann', 1),
    )
    await store.database.write((db) => createWork(db, { ...work, metadata: {} }, 'ann', 1))

    expect(await workOfPlan(store.database.kysely, projectId)).toEqual(new Map([['k1', made.id]]))
  })
})
