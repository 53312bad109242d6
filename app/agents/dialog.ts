import { createHash } from 'node:crypto'
import type { Screen } from '../core/agent.ts'
import type { Dialog, DialogKind, DialogOption } from '../core/dialog.ts'
import { attributedRows, columnsOf } from './ansi.ts'
import { readInput } from './dialog-input.ts'
import { readOptions, type ReadOptions } from './dialog-options.ts'
import type { DialogRules, Shape } from './dialog-rules.ts'

/*
 * Reads the dialog that stands in place of the composer. A command may be made to look like a dialog of its
 * own, so only what a command can't draw counts as a landmark: its rows are indented, lines and questions of
 * the dialog are not. Whatever is not seen whole makes the reading unsure, and no rule decides on it.
 */

/** `plain` are the screen's rows without attributes; `rules` null: none were written for this kind of agent. */
export function readDialog(
  screen: Screen,
  plain: readonly string[],
  rules: DialogRules | null,
  state: DialogKind,
): Dialog {
  const rows = plain.slice(0, plain.findLastIndex((row) => row !== '') + 1)
  for (const shape of rules?.shapes ?? []) {
    const found = fit(screen, rows, shape, rules!)
    if (found) return found
  }
  return unknownDialog(rows, state)
}

/** One shape on one screen: where its parts stand. Rows are without the frame; null is outside of it. */
export interface Fit {
  screen: Screen
  shape: Shape
  rows: (string | null)[]
  /** Rows as they are drawn, frame and all. */
  drawn: readonly string[]
  firstRow: number
  asksRow: number
  options: ReadOptions
  /** The first row is above the screen, or the frame's upper line. */
  isCut: boolean
}

function fit(screen: Screen, drawn: readonly string[], shape: Shape, rules: DialogRules): Dialog | null {
  const framed = unframe(drawn, shape)
  if (!framed) return null
  const { rows, top } = framed
  const starts = rows.findLastIndex((row, at) => row !== null && shape.starts.test(row) && isEdged(at))
  function isEdged(at: number) {
    return shape.edge === null || (at > 0 && shape.edge.test(rows[at - 1] ?? ''))
  }
  const asks = shape.asks
  const asksRow = asks ? rows.findLastIndex((row) => row !== null && asks.test(row)) : starts
  if (asksRow < 0 || starts > asksRow) return null
  const isCut = starts < 0
  const firstRow = isCut ? Math.max(0, top) : starts
  if (isCut && !mayBeginAbove(rows, shape, firstRow)) return null
  const options = readOptions(screen, rows, asksRow, rules, shape)
  if (!options || options.options.some(({ label }) => isTickBox(label))) return null
  if (shape.boxes && (isCut || !areBoxesWhole(options))) return null
  return dialogOf({ screen, shape, rows, drawn, firstRow, asksRow, options, isCut }, rules)
}

/** Of several that can be chosen together: its key ticks it, and answers nothing. */
function isTickBox(label: string): boolean {
  return /^\[.?\] /u.test(label)
}

/** Each of them can be seen, and the row that ends the ticking: only then is a key no guess. */
function areBoxesWhole({ options, isWhole, atEnd, selected }: ReadOptions): boolean {
  const isAt = selected === null ? atEnd === true : atEnd === false
  return isWhole && isAt && options.some(({ ticked }) => ticked !== null)
}

/** A dialog that is cut off at the top is known by a question that only one shape asks, in a full window. */
function mayBeginAbove(rows: (string | null)[], shape: Shape, firstRow: number): boolean {
  return shape.asks !== null && firstRow === 0 && !rows.slice(0, 1).includes('')
}

function unframe(
  drawn: readonly string[],
  { frame }: Shape,
): { rows: (string | null)[]; top: number } | null {
  if (frame === 'none') return { rows: [...drawn], top: 0 }
  if (frame === 'bar') return { rows: drawn.map((row) => /^\s*┃(.*)$/u.exec(row)?.[1] ?? null), top: 0 }
  const bottom = drawn.length - 1
  if (!/^╰─+╯$/u.test(drawn[bottom] ?? '')) return null
  let top = bottom
  while (top > 0 && /^│.*│$/u.test(drawn[top - 1] ?? '')) top--
  const rows = drawn.map((row, at) => {
    if (at < top || at === bottom) return null
    return (/^│(.*)│$/u.exec(row)?.[1] ?? '').trimEnd()
  })
  return { rows, top: top > 0 && /^╭─+╮$/u.test(drawn[top - 1] ?? '') ? top : 0 }
}

function dialogOf(fitted: Fit, rules: DialogRules): Dialog {
  const { shape, drawn, firstRow, options, isCut } = fitted
  const input = readInput(fitted)
  const words = drawn.slice(firstRow)
  const unsure = isCut ? 'its beginning is above the window' : (whyCut(fitted) ?? input.unsure)
  const { tool = null, kind } = shape
  return {
    kind,
    tool,
    input: input.value,
    question: questionOf(fitted),
    options: options.options,
    selected: options.selected,
    pick: shape.pick,
    notes: notesOf(fitted),
    boxes: boxesOf(fitted),
    unsure,
    rows: words,
    firstRow,
    digest: digestOf({ kind, tool, input: input.value }, askedRows(fitted), offeredBy(fitted, rules)),
  }
}

/** Of several questions the head shows which are answered: a box that is ticked makes it no other question. */
function askedRows({ shape, drawn, firstRow, options }: Fit): string[] {
  const asked = drawn.slice(firstRow, options.firstRow)
  return shape.boxes ? asked.map((row) => row.replaceAll('☒', '☐')) : asked
}

/**
 * A label may go on in the row below, so what stands there counts as well: the same words in another order are
 * other options. Of a question's own words' row nothing counts: it shows what is being typed.
 */
function offeredBy({ shape, options: { options } }: Fit, rules: DialogRules): string[] {
  if (shape.kind !== 'question') return options.map(({ label }) => label)
  const own = ownWordsRow(shape, options, rules)
  return options.map(({ label, description }, index) =>
    index === own ? '' : [label, description ?? ''].join(' ').trim(),
  )
}

/** Found by its place: what is typed there may say anything. null: no option takes words. */
function ownWordsRow(
  { boxes, notes }: Shape,
  options: DialogOption[],
  { text, belowText }: DialogRules,
): number | null {
  if (boxes) return ownBox(options)
  if (notes || !text) return null
  return options.length - (belowText?.test(options.at(-1)?.label ?? '') ? 2 : 1)
}

function boxesOf({ shape: { boxes }, options: { options, atEnd } }: Fit): Dialog['boxes'] {
  return boxes && { own: ownBox(options), atEnd: atEnd === true, leave: boxes.leave }
}

/** The last box is the one for words of one's own. */
function ownBox(options: DialogOption[]): number {
  return options.findLastIndex(({ ticked }) => ticked !== null)
}

/** The row for words of one's own below the options, if this dialog has one. */
function notesOf({ shape: { notes }, rows, options }: Fit): Dialog['notes'] {
  if (!notes) return null
  const at = rows.findIndex((row, index) => index > options.lastRow && row !== null && notes.row.test(row))
  const text = notes.row.exec(rows[at] ?? '')?.groups?.['text'] ?? null
  return { key: notes.key, text: text === notes.empty ? '' : text }
}

function questionOf({ shape, rows, firstRow, asksRow, options }: Fit): string {
  if (shape.asks === null) {
    const above = (rows[firstRow - 1] ?? '').replace('△', '').trim()
    return above === '' ? (rows[firstRow] ?? '').trim() : above
  }
  const asked = rows.slice(asksRow, options.firstRow).map((row) => (row ?? '').trim())
  return asked.filter((row) => row !== '').join(' ')
}

/** The agent says itself that it does not show everything. */
function whyCut({ drawn, firstRow, options, shape, screen }: Fit): string | null {
  const rows = drawn.slice(firstRow).map((row) => row.replaceAll(/[│┃]/gu, ' ').trim())
  if (rows.some((row) => /^(?:[↑↓]|[↑↓] \d+ more lines?|(?:…|\.\.\.) ?\+?\d+ .*lines?.*)$/u.test(row)))
    return 'the window is too small to show all of it'
  if (!options.isWhole) return 'its options are not shown whole'
  if (shape.ends && !drawn.slice(options.lastRow).some((row) => shape.ends?.test(row)))
    return 'its last rows are below the window'
  if (options.selected === null && options.atEnd !== true) return 'no option is marked as selected'
  return drawn.length > screen.height ? 'the window is too small to show all of it' : null
}

function unknownDialog(rows: readonly string[], kind: DialogKind): Dialog {
  const firstRow = Math.max(0, rows.length - unknownRows)
  const shown = rows.slice(firstRow)
  return {
    kind,
    tool: null,
    input: {},
    question: '',
    options: [],
    selected: null,
    pick: null,
    notes: null,
    boxes: null,
    unsure: 'no rule knows this dialog',
    rows: shown,
    firstRow,
    digest: digestOf({ kind, tool: null, input: {} }, shown, []),
  }
}

/** As much of a screen as a dialog that no rule knows may take. */
const unknownRows = 24

/**
 * What is above the options, and they themselves; which one is selected or ticked does not count. Blanks count in
 * the input only: two of them in a path are another file than one.
 */
function digestOf(
  { kind, tool, input }: Pick<Dialog, 'kind' | 'tool' | 'input'>,
  asked: string[],
  offered: string[],
): string {
  const text = asked.map((row) => row.replaceAll(/\s+/gu, ' ').trim()).filter((row) => row !== '')
  return createHash('sha256')
    .update(JSON.stringify([kind, tool, input, text, offered]))
    .digest('hex')
}

/** Whether every letter of the row is drawn dim. */
export function isDimRow(screen: Screen, row: number): boolean {
  const runs = attributedRows(screen.rows, row, row)[0] ?? []
  const letters = runs.filter(({ text }) => text.replaceAll(/[│┃\s]/gu, '') !== '')
  return letters.length > 0 && letters.every(({ dim }) => dim)
}

/** The column where the rows of the dialog end. */
export function rightEdge({ screen, shape, drawn, firstRow }: Fit): number {
  if (shape.frame !== 'bar') return screen.width
  return Math.max(...drawn.slice(firstRow).map(columnsOf))
}
