import { counted } from '../../core/counted.ts'
import { messageOf } from '../../core/errors.ts'
import { systemClock } from '../../core/clock.ts'
import { testOutcomeGlyph, type CaseResult, type TestResult, type TestSuite } from '../../core/test-suite.ts'
import { toJson } from '../../json.ts'
import { runUntilSignal } from '../../process.ts'
import { writeWhole } from '../../write-whole.ts'
import { readSecrets } from '../../suites/hide-secrets.ts'
import { junitXml } from '../../suites/junit.ts'
import { loadSuite } from '../../suites/load-suite.ts'
import { runSuite } from '../../suites/run-suite.ts'
import { UsageError } from '../failure.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import { withSide } from '../with.ts'
import type { SuiteOptions } from './command.ts'
import { testRunDesks } from './desk.ts'

/** Runs a suite; sets the exit code to 1 when not all of it passed. */
export async function runFile(file: string, options: SuiteOptions): Promise<void> {
  const output = openOutput(options)
  const suite = readSuite(file)
  let result: TestResult | null = null
  await runUntilSignal(async (signal) => {
    result = await run(suite, file, options, signal, (one) => !output.json && sayCase(output, one))
  })
  const done = result as TestResult | null
  if (done === null) return
  if (options.junit !== undefined) await writeWhole(options.junit, junitXml(done), 0o644)
  const id = options.keep === false ? null : await keep(output, done)
  if (output.json) output.document({ ...done, id })
  else sayEnd(output, done, id)
  if (done.outcome !== 'passed') process.exitCode = 1
}

/** What is wrong with a file is a matter of the command line: exit code 2. */
function readSuite(file: string): TestSuite {
  try {
    return loadSuite(file)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function run(
  suite: TestSuite,
  file: string,
  options: SuiteOptions,
  signal: AbortSignal,
  onCase: (result: CaseResult) => void,
): Promise<TestResult> {
  const { ARCHITECT_URL, ARCHITECT_TOKEN } = process.env
  const url = options.url ?? ARCHITECT_URL
  const pairs = (options.var ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  return runSuite(suite, {
    file,
    dashboard: { url: url ? url.replace(/\/+$/, '') : null, token: ARCHITECT_TOKEN || null },
    secrets: readSecrets(secretNames(suite), process.env),
    variables: new Map(pairs),
    clock: systemClock,
    signal,
    onCase,
  })
}

/** The token that opens the dashboard is never shown either. */
function secretNames({ secrets }: TestSuite): string[] {
  const token = process.env['ARCHITECT_TOKEN'] ? ['ARCHITECT_TOKEN'] : []
  return [...new Set([...secrets, ...token])]
}

function sayCase(output: Output, { name, outcome, duration_ms, steps }: CaseResult) {
  output.line(`${testOutcomeGlyph[outcome]} ${lineOf(name)}  ${duration_ms} ms`)
  for (const step of steps) {
    if (step.outcome !== 'failed' && step.outcome !== 'error') continue
    for (const failure of step.failures) output.line(`    ${lineOf(step.name)}: ${lineOf(failure)}`)
  }
}

/** Without a database to keep it in, as on a machine of a CI server, the run counts all the same. */
async function keep(output: Output, result: TestResult): Promise<number | null> {
  try {
    return await withSide(testRunDesks, (desk) => desk.keep(result))
  } catch (error) {
    output.remark(`The run could not be kept: ${messageOf(error)}`)
    return null
  }
}

function sayEnd(
  output: Output,
  { suite, outcome, counts, cases, duration_ms }: TestResult,
  id: number | null,
) {
  const parts = Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
  const kept = id === null ? '' : ` (run ${id})`
  output.line(
    `${lineOf(suite)}: ${outcome}, ${parts.join(', ')} of ${counted(cases.length, 'case')} in ${duration_ms} ms${kept}`,
  )
}

export function checkFiles(files: string[]): void {
  const output = openOutput()
  for (const file of files) {
    const { name, cases } = readSuite(file)
    output.line(`${file}: ${lineOf(name)}, ${counted(cases.length, 'case')}`)
  }
}

export async function listRuns(options: SuiteOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(testRunDesks, async (desk) => {
    const runs = await desk.list(options.limit ?? 20)
    if (output.json) return output.document({ items: toJson(runs), next_cursor: null })
    if (runs.length === 0) return output.line('No suite was run yet: test-suite run FILE')
    const now = Date.now()
    output.table(runs, [
      { title: 'RUN', align: 'right', value: ({ id }) => String(id) },
      { title: 'OUTCOME', value: ({ outcome }) => `${testOutcomeGlyph[outcome]} ${outcome}` },
      { title: 'PASSED', align: 'right', value: ({ passed, total }) => `${passed}/${total}` },
      { title: 'WHEN', align: 'right', value: ({ beganAt }) => renderAge(beganAt, now) },
      { title: 'BY', value: ({ by }) => by },
      { title: 'SUITE', flexible: true, value: ({ suite }) => lineOf(suite) },
    ])
  })
}

/** One line, without what would move the cursor. */
function lineOf(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}
