import { expect, test } from 'vitest'
import { csvOf } from './csv.ts'

test('quotes, commas and lines stay in their cell', () => {
  expect(
    csvOf(
      ['a', 'b'],
      [
        ['x,"y"\nz', 3],
        [null, -4],
      ],
    ),
  ).toBe('a,b\r\n"x,""y""\nz",3\r\n,-4\r\n')
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', "=cmd|' /C calc'!A0", '＝1'])(
  '%j is no formula of the spreadsheet that opens it',
  (text) => {
    expect(csvOf(['a'], [[text]])).toMatch(/^a\r\n"?'/)
  },
)
