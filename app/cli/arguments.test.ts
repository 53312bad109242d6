import { describe, expect, test } from 'vitest'
import { parseMoment, parsePrompt, parseWholeNumber } from './arguments.ts'

describe('parseWholeNumber', () => {
  test.each(['5x', '', '-1', '11', '1e1', '0x5', '5.0', ' 5'])('%j is refused with the range', (value) => {
    expect(() => parseWholeNumber('--priority', value, 0, 10)).toThrow(
      `--priority takes a whole number from 0 to 10; "${value}" is none.`,
    )
  })

  test('both ends of the range are taken', () => {
    expect([parseWholeNumber('--priority', '0', 0, 10), parseWholeNumber('--priority', '10', 0, 10)]).toEqual(
      [0, 10],
    )
  })
})

describe('parsePrompt', () => {
  test('#7 and 7 are prompt 7', () => {
    expect([parsePrompt('--cancel', '#7'), parsePrompt('--cancel', '7')]).toEqual([7, 7])
  })

  test.each(['seven', '0', '', '7,8', '-7'])('%j is no prompt', (value) => {
    expect(() => parsePrompt('--cancel', value)).toThrow(
      `--cancel takes the number of a prompt; "${value}" is none.`,
    )
  })
})

describe('parseMoment', () => {
  const now = new Date('2026-11-21T12:00:00').getTime()

  test.each([
    ['90s', '2026-11-21T12:01:30'],
    ['30m', '2026-11-21T12:30:00'],
    ['2h', '2026-11-21T14:00:00'],
    ['3d', '2026-11-24T12:00:00'],
    ['18:30', '2026-11-21T18:30:00'],
    ['9:05', '2026-11-22T09:05:00'],
    ['12:00', '2026-11-22T12:00:00'],
    ['2026-12-24T08:00', '2026-12-24T08:00:00'],
    ['2026-12-24 08:00', '2026-12-24T08:00:00'],
  ])('%s is %s', (value, expected) => {
    expect(parseMoment('--not-before', value, now)).toBe(new Date(expected).getTime())
  })

  test.each(['tomorrow', '25:00', '2026-13-01', '30', '5w'])(
    '%j is refused with the ways to write it',
    (value) => {
      expect(() => parseMoment('--not-before', value, now)).toThrow(/takes a span .* "[^"]+" is none/)
    },
  )

  test('a moment that is over is refused', () => {
    expect(() => parseMoment('--expires', '2026-11-20T08:00', now)).toThrow(
      '--expires 2026-11-20T08:00 is over already.',
    )
  })
})
