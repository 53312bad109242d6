import { expect, test } from 'vitest'
import { checkDecisions } from '../testing/fuzz/check-decisions.ts'

test('of 3,000 hostile shell texts none that is allowed makes a real shell call anything else', () => {
  const counts = checkDecisions({ cases: 3_000, executions: 100, seed: 4 })

  expect(counts.executed).toBe(100)
  expect(counts.allowed).toBeGreaterThan(200)
}, 120_000)
