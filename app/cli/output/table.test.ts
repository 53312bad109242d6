import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellWidth, cutToWidth, renderTable, type Column } from './table.ts'

interface Row {
  id: number
  text: string
}
const columns: Column<Row>[] = [
  { title: 'ID', align: 'right', value: ({ id }) => String(id) },
  { title: 'TEXT', flexible: true, value: ({ text }) => text },
  { title: 'END', value: () => 'end' },
]

describe('renderTable', () => {
  test('numbers stand under each other at their last digit, wide characters keep the columns', () => {
    const lines = renderTable(
      [
        { id: 7, text: '日本' },
        { id: 112, text: 'abcd' },
      ],
      columns,
      80,
    )

    expect(lines).toEqual([' ID  TEXT  END', '  7  日本  end', '112  abcd  end'])
  })

  test('the flexible column gives way in a narrow terminal', () => {
    const lines = renderTable([{ id: 1, text: 'a'.repeat(100) }], columns, 40)

    expect(lines[1]).toBe(` 1  ${'a'.repeat(30)}…  end`)
  })

  test('a text of several lines with control characters is one harmless line', () => {
    const [, line] = renderTable([{ id: 1, text: 'one\n\u001b[31mtwo\u0007' }], columns, 80)

    expect(line).toBe(' 1  one ⏎ [31mtwo  end')
  })

  test('whatever stands in it, no line is wider than the terminal', () =>
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        fc.integer({ min: 30, max: 120 }),
        (texts, width) => {
          const lines = renderTable(
            texts.map((text, id) => ({ id, text })),
            columns,
            width,
          )

          expect(Math.max(...lines.map(cellWidth))).toBeLessThanOrEqual(width)
        },
      ),
    ))
})

describe('cutToWidth', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 5, '日本…'],
    ['日本語', 6, '日本語'],
    ['abc', 0, ''],
  ])('%s at %i cells is %s', (text, width, expected) => {
    expect(cutToWidth(text, width)).toBe(expected)
  })
})
