import { expect, test } from 'vitest'
import { checkDecisions } from '../testing/fuzz/check-decisions.ts'

test('of 10,000 hostile shell texts none that is allowed makes a real shell call anything else', () => {
  const counts = checkDecisions({ cases: 10_000, executions: 250, seed: 4 })

  expect(counts.executed).toBe(250)
  expect(counts.allowed).toBeGreaterThan(500)
}, 60_000)
