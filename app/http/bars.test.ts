import { expect, test } from 'vitest'
import { barsOf } from './bars.ts'

test('the highest bar fills the chart, the smallest is still seen, failures stand on top', () => {
  const slots = [
    { slot: 0, state: 'completed' as const, count: 90 },
    { slot: 0, state: 'failed' as const, count: 10 },
    { slot: 2, state: 'completed' as const, count: 1 },
  ]

  const bars = barsOf(slots, 3, 1_000, 10)

  expect(bars).toMatchObject([
    { at: 1_000, completedHeight: 90, completedTop: 10, failedHeight: 10, failedTop: 0 },
    { at: 1_010, completedHeight: 0, failedHeight: 0 },
    { at: 1_020, completedHeight: 6, completedTop: 94 },
  ])
})
