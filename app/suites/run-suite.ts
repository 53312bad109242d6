import { dirname, resolve } from 'node:path'
import type { Clock } from '../core/clock.ts'
import { endsLater, endsWithin } from '../core/signals.ts'
import type { CaseResult, StepResult, TestCase, TestResult, TestSuite } from '../core/test-suite.ts'
import type { SuiteSecrets } from './hide-secrets.ts'
import { runStep, skippedStep } from './run-step.ts'
import type { TestedDashboard } from './steps/http.ts'
import { resolveVariables, type Variables } from './variables.ts'

export interface SuiteRun {
  /** Where the suite was read from: commands run in its folder. */
  file: string
  dashboard: TestedDashboard
  secrets: SuiteSecrets
  /** These go before the suite's own. */
  variables: Variables
  clock: Clock
  signal: AbortSignal
  onCase?: (result: CaseResult) => void
}

/** What the steps that tidy up have after the end of a suite, together. */
const tidyWithinMs = 10_000

/**
 * Runs the cases of a suite one after the other; a case that fails holds up no other. Never longer than the suite's
 * own time, whatever its steps wait for, and what the case that it ends in needs to tidy up. Throws `invalid` when its variables make no sense.
 */
export async function runSuite(suite: TestSuite, run: SuiteRun): Promise<TestResult> {
  const beganAt = run.clock.now()
  using limit = endsWithin(suite.timeout_seconds * 1_000, run.signal)
  const given = new Map([...run.secrets.values, ...run.variables])
  const variables = resolveVariables(without(suite.variables, run.variables), given)
  const cases: CaseResult[] = []
  for (const testCase of suite.cases) {
    const stops =
      suite.stop_on_failure && cases.some(({ outcome }) => outcome === 'failed' || outcome === 'error')
    const result = stops
      ? skipped(testCase)
      : await runCase(suite, testCase, { ...run, signal: limit.signal }, variables)
    cases.push(result)
    run.onCase?.(result)
  }
  return resultOf(suite, cases, run, beganAt)
}

async function runCase(
  suite: TestSuite,
  testCase: TestCase,
  run: SuiteRun,
  ofSuite: Variables,
): Promise<CaseResult> {
  const begun = performance.now()
  const variables = resolveVariables(without(testCase.variables, run.variables), ofSuite)
  const ofCase = { ...run, folder: dirname(resolve(run.file)), variables, limitS: suite.step_timeout_seconds }
  // What a case began it tidies up, also when the suite was ended in the middle of it.
  using late = endsLater(run.signal.aborted ? 0 : tidyWithinMs, run.signal)
  const steps: StepResult[] = []
  for (const [index, step] of testCase.steps.entries()) {
    const hasFailed = steps.some(({ outcome }) => outcome === 'failed' || outcome === 'error')
    if (hasFailed && !step.always) steps.push(skippedStep(step, index))
    else steps.push(await runStep(step, index, step.always ? { ...ofCase, signal: late.signal } : ofCase))
  }
  const outcome = worstOf(steps)
  return {
    name: run.secrets.hide(testCase.name),
    outcome,
    duration_ms: Math.round(performance.now() - begun),
    steps,
  }
}

function skipped({ name, steps }: TestCase): CaseResult {
  return { name, outcome: 'skipped', duration_ms: 0, steps: steps.map(skippedStep) }
}

function worstOf(steps: readonly StepResult[]): 'passed' | 'failed' | 'error' {
  if (steps.some(({ outcome }) => outcome === 'failed')) return 'failed'
  return steps.some(({ outcome }) => outcome === 'error') ? 'error' : 'passed'
}

function resultOf(
  suite: TestSuite,
  cases: CaseResult[],
  { file, clock, secrets }: SuiteRun,
  beganAt: number,
): TestResult {
  const count = (wanted: CaseResult['outcome']) => cases.filter(({ outcome }) => outcome === wanted).length
  const counts = {
    passed: count('passed'),
    failed: count('failed'),
    error: count('error'),
    skipped: count('skipped'),
  }
  return {
    suite: secrets.hide(suite.name),
    file: secrets.hide(file),
    outcome: counts.failed > 0 ? 'failed' : counts.error > 0 ? 'error' : 'passed',
    began_at: beganAt,
    duration_ms: clock.now() - beganAt,
    counts,
    cases,
  }
}

function without<T>(written: Readonly<Record<string, T>>, given: Variables): Record<string, T> {
  return Object.fromEntries(Object.entries(written).filter(([name]) => !given.has(name)))
}
