import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/** What a run came to. `failed` and `again` name tests, each with its file and why. */
export interface Tally {
  passed: number
  failed: string[]
  /** Passed only when they were tried again. */
  again: string[]
}

/** A vitest reporter that writes a `Tally` as JSON into the file that ARCHITECT_TALLY names; `.ci/run` adds them up. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const path = process.env['ARCHITECT_TALLY']
    if (!path) throw new Error('ARCHITECT_TALLY has to name the file that the tally is written to.')
    writeFileSync(path, JSON.stringify(tallyOf(modules, unhandled)))
  }
}

function tallyOf(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Tally {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const failed = tests.filter((test) => test.result().state === 'failed')
  const again = tests.filter((test) => test.diagnostic()?.flaky)
  // A file that could not even be loaded, or whose hooks failed, has no test of its own that says so.
  const broken = modules.flatMap((module) =>
    [module, ...module.children.allSuites()].flatMap((place) =>
      place.errors().map(({ message }) => `${module.relativeModuleId}: ${firstLine(message)}`),
    ),
  )
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: [
      ...failed.map(named),
      ...broken,
      ...unhandled.map(({ message }) => `outside of any test: ${firstLine(message)}`),
    ],
    again: again.map(named),
  }
}

function named(test: TestCase): string {
  const why = test.result().errors?.map(({ message }) => firstLine(message)) ?? []
  return [`${test.module.relativeModuleId} > ${test.fullName}`, ...why].join('\n    ')
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!
}
