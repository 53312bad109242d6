import type { CaseResult, StepResult, TestResult } from '../core/test-suite.ts'

/** A result as CI servers read it: one `testcase` for each case, with what failed in it. */
export function junitXml({ suite, file, counts, cases, duration_ms, began_at }: TestResult): string {
  const facts = {
    name: suite,
    file,
    tests: cases.length,
    failures: counts.failed,
    errors: counts.error,
    skipped: counts.skipped,
    time: seconds(duration_ms),
    timestamp: new Date(began_at).toISOString(),
  }
  const inner = cases.map((result) => caseXml(suite, result)).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite${attributes(facts)}>\n${inner}\n</testsuite>\n</testsuites>\n`
}

function caseXml(suite: string, { name, outcome, duration_ms, steps }: CaseResult): string {
  const open = `<testcase${attributes({ name, classname: suite, time: seconds(duration_ms) })}>`
  if (outcome === 'skipped') return `${open}<skipped/></testcase>`
  const wrong = steps.filter((step) => step.outcome === 'failed' || step.outcome === 'error')
  return `${open}${wrong.map(stepXml).join('')}</testcase>`
}

function stepXml({ name, outcome, failures, output }: StepResult): string {
  const tag = outcome === 'failed' ? 'failure' : 'error'
  const message = `${name}: ${failures.join('; ')}`
  return `<${tag}${attributes({ message })}>${escaped([...failures, output ?? ''].join('\n'))}</${tag}>`
}

const seconds = (ms: number) => (ms / 1_000).toFixed(3)

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('')
}

/** XML knows no control characters, not even escaped. */
function escaped(text: string): string {
  const plain = text.replace(/[^\P{Cc}\n\t]|[\ufffe\uffff]/gu, '').toWellFormed()
  return plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
