import { expect, test } from 'vitest'
import { hourBars } from './hour-bars.ts'

const hour = 3_600_000
const until = 100 * hour + 5

test('each hour is a bar at its place, the running one at the right, the highest as tall as the drawing', () => {
  const bars = hourBars(
    [
      { hour: 98 * hour, count: 1 },
      { hour: 100 * hour, count: 100 },
    ],
    { until, hours: 3 },
  )

  expect(bars).toEqual({ path: 'M0 28v-2h4v2zM10 28v-28h4v28z', width: 15, height: 28, most: 100 })
})

test('hours before and none at all draw nothing', () => {
  expect(hourBars([{ hour: 90 * hour, count: 7 }], { until, hours: 3 }).path).toBe('')
  expect(hourBars([], { until, hours: 3 })).toMatchObject({ path: '', most: 0 })
})
