/**
 * Rows as CSV (RFC 4180). Spreadsheets take a cell that begins with one of these signs for a formula and run it: such
 * text gets an apostrophe before it, as OWASP recommends; numbers stay numbers.
 */
export function csvOf(
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return [columns, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')
}

const formula = /^[=+\-@\t\r\n＝＋－＠]/u

function cellOf(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
