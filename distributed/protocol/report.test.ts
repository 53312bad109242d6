import { expect, test } from 'vitest'
import { reportSchema } from './report.ts'
import { mostSamplesInReport } from './sockets.ts'

const sample = { at: 1 }

test.each([
  [0, true],
  [mostSamplesInReport, true],
  [mostSamplesInReport + 1, false],
])('a report of %d samples is taken: %s', (samples, isTaken) => {
  const report = { now: 1, samples: Array.from({ length: samples }, () => sample) }

  expect(reportSchema.safeParse(report).success).toBe(isTaken)
})
