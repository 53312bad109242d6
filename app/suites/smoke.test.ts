import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../core/clock.ts'
import { packageRoot } from '../core/paths.ts'
import { startDashboard } from '../testing/dashboard.ts'
import { readSecrets } from './hide-secrets.ts'
import { loadSuite } from './load-suite.ts'
import { runSuite } from './run-suite.ts'

test('the smoke suite of the API passes against a dashboard', async () => {
  await using dashboard = await startDashboard()
  const { token } = await dashboard.token()
  const file = join(packageRoot, 'app/testing/suites/api-smoke.yaml')

  const result = await runSuite(loadSuite(file), {
    file,
    dashboard: { url: dashboard.url, token },
    secrets: readSecrets([], {}),
    variables: new Map(),
    clock: systemClock,
    signal: new AbortController().signal,
  })

  const wrong = result.cases.flatMap(({ name, steps }) =>
    steps.flatMap((step) => step.failures.map((failure) => `${name}, ${step.name}: ${failure}`)),
  )
  expect(wrong).toEqual([])
  expect(result).toMatchObject({ outcome: 'passed', counts: { failed: 0, error: 0, skipped: 0 } })
})
