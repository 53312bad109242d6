import { z } from 'zod'
import { testOutcomeGlyph, type TestOutcome } from '../../core/test-suite.ts'
import { getTestRun, latestTestRuns, listTestRuns, type TestRun } from '../../db/test-run/test-runs.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'

const pageSize = 50

/** The last run of each suite, and all runs. */
export const testRunsPage: Page = definePage({
  path: '/test-runs',
  name: 'test-runs',
  area: 'work',
  topics: ['work'],
  query: z.object({ suite: z.string().max(200).catch(''), page: pageNumber }),
  async load({ web, query: { suite, page } }) {
    const db = web.database.kysely
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize }
    const [latest, runs] = await Promise.all([
      latestTestRuns(db),
      listTestRuns(db, { suite: suite === '' ? undefined : suite }, slice),
    ])
    return {
      title: 'Test runs',
      latest: latest.map(shown),
      rows: runs.slice(0, pageSize).map(shown),
      suite,
      pages: pagesAround(page, runs.length > pageSize, addressWith('/test-runs', { suite })),
    }
  },
})

/** One run: its cases, and what each step that did not pass said. */
export const testRunPage: Page = definePage({
  path: '/test-runs/:id',
  name: 'test-run',
  area: 'work',
  params: idParams,
  async load({ web, params }) {
    const { result, ...run } = await getTestRun(web.database.kysely, params.id)
    const cases = result.cases.map((each) => ({
      ...each,
      glyph: testOutcomeGlyph[each.outcome],
      steps: each.steps.map((step) => ({ ...step, glyph: testOutcomeGlyph[step.outcome] })),
    }))
    const wrong: TestOutcome[] = ['failed', 'error']
    return {
      title: `Run ${run.id} of ${run.suite}`,
      run: shown(run),
      file: result.file,
      counts: result.counts,
      cases: cases.map((each) => ({ ...each, isWrong: wrong.includes(each.outcome) })),
    }
  },
})

function shown(run: TestRun) {
  return { ...run, glyph: testOutcomeGlyph[run.outcome], seconds: (run.durationMs / 1_000).toFixed(1) }
}
