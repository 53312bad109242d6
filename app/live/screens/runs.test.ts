import { expect, test } from 'vitest'
import { runsOfRows } from './runs.ts'

test.each<[string, string, [string, string][]]>([
  ['plain text', 'abc', [['abc', '']]],
  ['nothing', '', []],
  ['HTML, as text', '<script>x</script>&', [['<script>x</script>&', '']]],
  [
    'colours',
    '\u001b[31ma\u001b[44mb\u001b[39;49mc',
    [
      ['a', 'f1'],
      ['b', 'f1 b4'],
      ['c', ''],
    ],
  ],
  ['bright colours', '\u001b[97;100ma', [['a', 'f15 b8']]],
  [
    '256 colours',
    '\u001b[38;5;196ma\u001b[48;5;16mb',
    [
      ['a', 'f9'],
      ['b', 'f9 b0'],
    ],
  ],
  [
    'true colours',
    '\u001b[38;2;0;0;230ma\u001b[0mb',
    [
      ['a', 'f4'],
      ['b', ''],
    ],
  ],
  ['greys', '\u001b[38;5;244ma', [['a', 'f8']]],
  [
    'attributes',
    '\u001b[1;2;3;4;7ma\u001b[22;27mb',
    [
      ['a', 'bo di it un in'],
      ['b', 'it un'],
    ],
  ],
  [
    'a link and a title',
    '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\\u001b]0;t\u0007',
    [['here', '']],
  ],
  ['other sequences', '\u001b[2Ka\u001b(Bb\u009bc\u0000', [['abc', '']]],
  ['a broken sequence', '\u001b[38;5ma', [['a', 'f0']]],
  ['an unfinished one', 'a\u001b[', [['a', '']]],
])('%s', (_what, row, runs) => {
  expect(runsOfRows([row])).toEqual([runs])
})

test('attributes run on into the next row', () => {
  expect(runsOfRows(['\u001b[7ma', 'b\u001b[m', 'c'])).toEqual([[['a', 'in']], [['b', 'in']], [['c', '']]])
})
