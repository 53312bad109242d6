import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attributedRows, columnsOf, sliceColumns, withoutAttributes } from './ansi.ts'

test.each([
  ['colours', '\u001b[1;38;2;1;2;3mred\u001b[0m', 'red'],
  ['a hyperlink', '\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\', 'link'],
  ['a character set switch', '\u001b(0x\u000f', 'x'],
  ['nothing', 'plain ❯ text', 'plain ❯ text'],
])('%s is taken off a row', (_what, row, text) => {
  expect(withoutAttributes(row)).toBe(text)
})

test('attributes run on into the next rows until they are switched off', () => {
  const rows = ['\u001b[2mdim', 'still', '\u001b[0;7m', 'x\u001b[27my']

  const runs = attributedRows(rows, 1, 3)

  expect(runs[0]).toEqual([{ text: 'still', dim: true, inverse: false }])
  expect(runs[1]).toEqual([{ text: '', dim: false, inverse: true }])
  expect(runs[2]?.map(({ text, inverse }) => `${text} ${inverse}`)).toEqual(['x true', 'y false'])
})

test('a colour value of 2 or 7 is no attribute', () => {
  const [runs] = attributedRows(['\u001b[38;5;2mgreen\u001b[48;2;7;2;7mback\u001b[38;2;2;2;2mx'], 0, 0)

  expect(runs?.every((run) => !run.dim && !run.inverse)).toBe(true)
})

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['한글', 4],
  ['👍🏽', 2],
  ['👨‍👩‍👧', 2],
  ['e\u0301', 1],
  ['⏵⏵ ❯ │', 6],
])('%s takes %i columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns)
})

test('a sign that is taken for narrow at first sight is one cell by the rules of Unicode, too', () => {
  const wideSign = '漢'
  const numbers = Array.from({ length: 0x2900 }, (_, number) => number)
  const signs = numbers
    .filter((number) => (number >= 0x20 && number < 0x300) || number >= 0x2000)
    .map((number) => String.fromCharCode(number))
  const narrowSigns = signs.filter((sign) => columnsOf(sign) === 1)

  const byTheRules = narrowSigns.filter((sign) => columnsOf(sign + wideSign) === 3)

  expect(byTheRules).toEqual(narrowSigns)
  expect(narrowSigns).toEqual(expect.arrayContaining(['❯', '✻', '⎿', '●', '╭']))
  expect(narrowSigns).not.toContain('✅')
})

test('columns are cut where the terminal has them', () => {
  expect(sliceColumns('漢字ab', 4, 6)).toBe('ab')
  expect(sliceColumns('ab漢字', 0, 4)).toBe('ab漢')
})

test('no row breaks the parser, and runs together are the text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u001b[', '\u001b[7m', '\u001b[0;2m', '38;2;', 'm'),
  )
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece).map((parts) => parts.join('')),
        { maxLength: 5 },
      ),
      (rows) => {
        const runs = attributedRows(rows, 0, rows.length - 1)

        expect(runs.length).toBe(rows.length)
        for (const row of rows) expect(withoutAttributes(row)).not.toMatch(/[\u0000-\u001f\u007f]/)
      },
    ),
  )
})
