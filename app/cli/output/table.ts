/** One column of a table for people. */
export interface Column<Row> {
  title: string
  value(row: Row): string
  align?: 'right'
  /** The column that gives way when the terminal is narrow. */
  flexible?: true
  paint?(text: string, row: Row): string
}

/** Rows of text, at most `width` cells wide each; colours are painted after everything is aligned. */
export function renderTable<Row>(rows: Row[], columns: Column<Row>[], width: number): string[] {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))))
  const widths = fitWidths(columns, cells, width)
  const line = (values: string[], row?: Row) =>
    values
      .map((value, index) =>
        renderCell(value, columns[index]!, widths[index]!, row, index === values.length - 1),
      )
      .join('  ')
      .trimEnd()
  return [
    line(columns.map((column) => column.title)),
    ...cells.map((values, index) => line(values, rows[index])),
  ]
}

/** Cells that a text takes in a terminal: East Asian wide characters and emoji take two, accents none. */
export function cellWidth(text: string): number {
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The text cut to `width` cells, with an ellipsis where something is missing. */
export function cutToWidth(text: string, width: number): string {
  if (cellWidth(text) <= width) return text
  let cut = ''
  let used = 0
  for (const character of text) {
    used += characterWidth(character)
    if (used > width - 1) break
    cut += character
  }
  return width > 0 ? `${cut.trimEnd()}…` : ''
}

/** A text as a single line that can't move the cursor or change colours. */
export function oneLine(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ⏎ ')
    .replace(/[\p{Cc}\p{Cf}]/gu, (character) => (character === '\t' ? ' ' : ''))
}

const gap = 2
/** A flexible column never gets narrower than this; then the line is longer than the terminal. */
const leastFlexibleWidth = 16

function fitWidths<Row>(columns: Column<Row>[], cells: string[][], width: number): number[] {
  const wanted = columns.map((column, index) =>
    Math.max(cellWidth(column.title), ...cells.map((row) => cellWidth(row[index]!))),
  )
  const spare = width - wanted.reduce((sum, cell) => sum + cell + gap, -gap)
  const flexible = columns.findIndex((column) => column.flexible)
  if (spare < 0 && flexible >= 0) {
    wanted[flexible] = Math.max(Math.min(leastFlexibleWidth, wanted[flexible]!), wanted[flexible]! + spare)
  }
  return wanted
}

function renderCell<Row>(
  value: string,
  column: Column<Row>,
  width: number,
  row: Row | undefined,
  isLast: boolean,
): string {
  const text = cutToWidth(value, width)
  const padding = ' '.repeat(Math.max(0, width - cellWidth(text)))
  const painted = row !== undefined && column.paint ? column.paint(text, row) : text
  if (column.align === 'right') return padding + painted
  return isLast ? painted : painted + padding
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const narrowest = /^[\p{Mn}\p{Me}\p{Cf}]$/u

function characterWidth(character: string): number {
  if (narrowest.test(character)) return 0
  return wide.test(character) ? 2 : 1
}
