import { expect, test } from 'vitest'
import { parseLimitTime } from './limit-time.ts'

const now = Date.UTC(2026, 10, 21, 1, 30)

test.each([
  ['3:29am (UTC)', '2026-11-21T03:29:00.000Z'],
  ['1:15am (UTC)', '2026-11-22T01:15:00.000Z'],
  ['3pm (UTC)', '2026-11-21T15:00:00.000Z'],
  ['12am (UTC)', '2026-11-22T00:00:00.000Z'],
  ['Nov 24, 2:29am (UTC)', '2026-11-24T02:29:00.000Z'],
  ['Jan 2 at 1pm (UTC)', '2027-01-02T13:00:00.000Z'],
  ['Nov 24th, 2026 4:03 AM UTC', '2026-11-24T04:03:00.000Z'],
  ['9:00am (Asia/Tokyo)', '2026-11-22T00:00:00.000Z'],
  ['11am (Europe/Berlin)', '2026-11-21T10:00:00.000Z'],
  ['in 2 hours 5 minutes', '2026-11-21T03:35:00.000Z'],
  ['4s attempt', '2026-11-21T01:30:04.000Z'],
  ['1 day', '2026-11-22T01:30:00.000Z'],
])('%s is %s', (said, iso) => {
  expect(new Date(parseLimitTime(said, now) ?? 0).toISOString()).toBe(iso)
})

test('without a zone, or with an unknown one, it is local time and ahead', () => {
  const plain = parseLimitTime('try again at 4:03 AM.', now)
  const odd = parseLimitTime('4:03 AM (Mars/Olympus)', now)

  expect(plain).toBe(odd)
  expect(new Date(plain ?? 0).getHours()).toBe(4)
  expect(plain).toBeGreaterThan(now)
})

test.each(['soon', '', 'attempt #4', '25:99pm', '17pm'])('%j names no time', (said) => {
  expect(parseLimitTime(said, now)).toBeNull()
})

test('a zone that changes its clock in between keeps its wall time', () => {
  const beforeChange = Date.UTC(2026, 2, 28, 23, 0)

  const at = parseLimitTime('9am (Europe/Berlin)', beforeChange)

  expect(new Date(at ?? 0).toISOString()).toBe('2026-03-29T07:00:00.000Z')
})
