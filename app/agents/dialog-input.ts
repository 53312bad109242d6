import { columnsOf } from './ansi.ts'
import { isDimRow, rightEdge, type Fit } from './dialog.ts'
import type { InputShape } from './dialog-rules.ts'

export interface ReadInput {
  value: Record<string, string>
  unsure: string | null
}

/** What the tool would get, from its rows in the dialog. */
export function readInput(fit: Fit): ReadInput {
  const { input } = fit.shape
  if (!input) return { value: {}, unsure: fit.shape.kind === 'permission' ? 'its input is not shown' : null }
  const span = spanOf(fit, input)
  if (!span) return { value: {}, unsure: 'its input is not where it belongs' }
  const text = span.map((at) => textOf(fit, input, at)).join('\n')
  return { value: { [input.name]: text }, unsure: doubtAbout(fit, input, span, text) }
}

function textOf({ rows, shape }: Fit, { margin }: InputShape, at: number): string {
  const text = (rows[at] ?? '').replace(margin, '')
  // A box within the box has a right side, too.
  return shape.frame === 'box' && margin.source.includes('│') ? text.replace(/\s*│$/u, '') : text
}

/** The rows of the input, without blank ones around it; null when there are none. */
function spanOf(
  { screen, rows, firstRow, asksRow, options, shape }: Fit,
  input: InputShape,
): number[] | null {
  const end = shape.asks ? asksRow : options.firstRow
  const begins = rows.findIndex((row, at) => at >= firstRow && at < end && opens(row, input))
  if (begins < 0) return null
  const from = input.first ? begins : begins + 1
  const { before, single } = input
  if (single) return before?.test(rows[from + 1] ?? '') ? [from] : null
  const closes = before
    ? rows.findLastIndex((row, at) => at < end && at >= from && before.test(row ?? ''))
    : end
  if (closes < 0) return null
  const span = range(from, closes)
  while (span.length > 0 && (rows[span[0]!] ?? '').trim() === '') span.shift()
  while (span.length > 0 && isBesideInput(span.at(-1)!)) span.pop()
  return span.length > 0 ? span : null

  function isBesideInput(at: number) {
    return (rows[at] ?? '').trim() === '' || (input.dimRemark && isDimRow(screen, at))
  }
}

function opens(row: string | null | undefined, { after, first }: InputShape): boolean {
  return (first ?? after)?.test(row ?? '') ?? false
}

/**
 * One row that ends well before the edge is what it seems to be. Several may be lines or one that is wrapped,
 * and a path without a folder is in a folder that the screen does not name.
 */
function doubtAbout(fit: Fit, { name, margin }: InputShape, span: number[], text: string): string | null {
  if (span.length > 1) return `the ${words[name]} takes several rows, and where its lines end can't be seen`
  const [row = 0] = span
  if (!margin.test(fit.rows[row] ?? '')) return `the ${words[name]} is not where it belongs`
  if (text.includes('…') || columnsOf(fit.drawn[row]?.replace(/[\s│]+$/u, '') ?? '') >= rightEdge(fit) - 5)
    return `the end of the ${words[name]} may be cut off`
  if (name === 'file_path' && !/^[/~]/u.test(text))
    return 'the path is relative to a folder that is not shown'
  return null
}

const words = { command: 'command', file_path: 'path', url: 'address' } as const

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}
