import { describe, expect, test } from 'vitest'
import { renderAge, renderDuration, renderMoment } from './time.ts'

describe('renderAge', () => {
  test.each([
    [0, 'now'],
    [12_400, '12 s'],
    [59_999, '59 s'],
    [4 * 60_000, '4 min'],
    [3 * 3_600_000 + 1, '3 h'],
    [47 * 3_600_000, '47 h'],
    [5 * 86_400_000, '5 d'],
    [-5, 'now'],
  ])('%i ms ago is %s', (age, text) => {
    expect(renderAge(1_000_000_000_000 - age, 1_000_000_000_000)).toBe(text)
  })

  test('never is nothing', () => {
    expect(renderAge(null, 0)).toBe('')
  })
})

test.each([
  [0, '0:00'],
  [7_900, '0:07'],
  [372_000, '6:12'],
  [3_723_000, '1:02:03'],
])('%i ms is %s on the stopwatch', (ms, text) => {
  expect(renderDuration(ms)).toBe(text)
})

test('a moment of today is its time, another one has its date', () => {
  const now = new Date('2026-11-21T09:00:00').getTime()

  expect(renderMoment(new Date('2026-11-21T14:05:00').getTime(), now)).toBe('14:05')
  expect(renderMoment(new Date('2026-11-22T14:05:00').getTime(), now)).toBe('2026-11-22 14:05')
})
