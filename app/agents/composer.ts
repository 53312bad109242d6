import type { Screen } from '../core/agent.ts'
import { attributedRows, columnsOf, sliceColumns } from './ansi.ts'
import type { Run } from './ansi.ts'
import { compilePattern } from './rule-file.ts'
import type { ComposerSource } from './rule-file.ts'

/*
 * Finds an agent's input box. Only the last candidate on the screen counts: what looks like a box above it is
 * conversation, and a box that isn't whole is none.
 */

export type ComposerPattern = ReturnType<typeof compileComposer>

export interface FoundComposer {
  firstRow: number
  lastRow: number
  /** Row of the upper line of the box, or the first row of the text where there is none. */
  topRow: number
  /** Row of the lower line or of the status line. */
  bottomRow: number
  /** Text without prompt sign; '' when empty or when the agent's hint stands there. */
  text: string
  hint: string
  /** Shell or memory mode: what is typed is no prompt. */
  mode: boolean
  focused: boolean
  /** The first rows of the text are above the screen. */
  cut: boolean
}

export function compileComposer(source: ComposerSource) {
  return {
    ...source,
    top: compileOptional(source.top),
    before: compileOptional(source.before),
    first: compilePattern(source.first),
    mode: compileOptional(source.mode),
    next: compilePattern(source.next),
    bottom: compileOptional(source.bottom),
    status: compileOptional(source.status),
    hint: { dim: source.hint.dim, text: compileOptional(source.hint.text) },
  }
}

/** `plain` are the screen's rows without attributes. */
export function findComposer(
  screen: Screen,
  plain: readonly string[],
  patterns: readonly ComposerPattern[],
): FoundComposer | null {
  for (const pattern of patterns) {
    const box = boxOf(plain, pattern)
    const found = box && readBox(screen, box, pattern)
    // Indented rows under a line can be anything; with the agent's cursor in them they are a long draft.
    const isBounded = pattern.bottom !== null && !found?.cut
    if (found && (isBounded || found.focused)) return found
  }
  return null
}

interface Box {
  firstRow: number
  lastRow: number
  topRow: number
  bottomRow: number
  /** The columns of the text: a panel can stand beside the box. */
  left: number
  right: number
  /** Sign and rows as they are drawn, cropped to the box. */
  rows: string[]
  mode: boolean
  cut: boolean
}

function boxOf(plain: readonly string[], pattern: ComposerPattern): Box | null {
  const { bottom } = pattern
  const bottomRow = bottom ? plain.findLastIndex((row) => bottom.test(row)) : plain.length
  if (bottomRow < 1) return null
  if (pattern.frame === 'bar') return barBox(plain, bottomRow, pattern)
  let lastRow = bottomRow - 1
  if (pattern.frame === 'open') while (lastRow > 0 && plain[lastRow] === '') lastRow--
  const firstRow = startOfText(plain, lastRow, pattern)
  if (firstRow === null) return null
  const cut = firstRow < 0
  const topRow = pattern.top && !cut ? firstRow - 1 : Math.max(firstRow, 0)
  if (!cut && !isTopped(plain, topRow, bottomRow, pattern)) return null
  const from = Math.max(firstRow, 0)
  const rows = plain.slice(from, lastRow + 1)
  const mode = !cut && (pattern.mode?.test(rows[0] ?? '') ?? false)
  return { firstRow: from, lastRow, topRow, bottomRow, left: 0, right: Infinity, rows, mode, cut }
}

/** Upwards from the last row to the one with the prompt sign: its index, -1 when it is above the screen. */
function startOfText(plain: readonly string[], lastRow: number, pattern: ComposerPattern): number | null {
  for (let row = lastRow; row >= 0; row--) {
    const text = plain[row] ?? ''
    if (pattern.first.test(text) || pattern.mode?.test(text)) return row
    if (!pattern.next.test(text)) return null
  }
  return pattern.frame === 'ruled' && lastRow > 2 ? -1 : null
}

function isTopped(
  plain: readonly string[],
  topRow: number,
  bottomRow: number,
  pattern: ComposerPattern,
): boolean {
  if (pattern.top) {
    const line = plain[topRow] ?? ''
    if (!pattern.top.test(line) || columnsOf(line) !== columnsOf(plain[bottomRow] ?? '')) return false
  }
  if (!pattern.before) return true
  return plain.slice(Math.max(0, topRow - 4), topRow).some((row) => pattern.before?.test(row))
}

function barBox(plain: readonly string[], bottomRow: number, pattern: ComposerPattern): Box | null {
  const line = plain[bottomRow] ?? ''
  const left = line.length - line.trimStart().length
  const right = left + (pattern.bottom?.exec(line)?.[0].trim().length ?? 0)
  let firstRow = bottomRow
  while (firstRow > 0 && isBarRow(sliceColumns(plain[firstRow - 1] ?? '', left, right), pattern)) firstRow--
  const rows = plain.slice(firstRow, bottomRow).map((row) => sliceColumns(row, left, right).trimEnd())
  const status = rows.findLastIndex((row) => pattern.status?.test(row))
  if (status < 1) return null
  const mode = pattern.mode?.test(rows.slice(status).join('\n')) ?? false
  const text = rows.slice(0, status)
  const start = text.findIndex((row) => !isBlankBar(row, pattern))
  const end = text.findLastIndex((row) => !isBlankBar(row, pattern))
  const first = start < 0 ? Math.min(1, text.length - 1) : start
  const last = end < 0 ? first : end
  return {
    firstRow: firstRow + first,
    lastRow: firstRow + last,
    topRow: firstRow,
    bottomRow,
    left,
    right,
    rows: text.slice(first, last + 1),
    mode,
    cut: firstRow === 0 && start === 0,
  }
}

function isBarRow(row: string, pattern: ComposerPattern): boolean {
  const sign = pattern.first.exec(row)?.[0]
  return sign !== undefined && !row.slice(1).includes(row[0] ?? '')
}

function isBlankBar(row: string, pattern: ComposerPattern): boolean {
  return row.replace(pattern.first, '').trim() === ''
}

function readBox(screen: Screen, box: Box, pattern: ComposerPattern): FoundComposer {
  const runs = attributedRows(screen.rows, box.firstRow, box.lastRow)
  const signs = box.rows.map((row, index) => signOf(row, index === 0 && !box.cut, pattern))
  const drawn = box.rows.map((row, index) => row.slice(signs[index]?.length ?? 0).trimEnd())
  const whole = drawn.join('\n').trimEnd()
  const start = box.left + columnsOf(signs[0] ?? '')
  const isHint =
    whole.trim() !== '' && !box.mode && !box.cut && saysHint(screen, box, runs, signs, whole, start, pattern)
  return {
    firstRow: box.firstRow,
    lastRow: box.lastRow,
    topRow: box.topRow,
    bottomRow: box.bottomRow,
    text: isHint ? '' : textOf(runs, signs, drawn, pattern),
    hint: isHint ? whole.trim() : '',
    mode: box.mode,
    focused: pattern.focus.some((how) => isFocused(how, screen, box, runs)),
    cut: box.cut,
  }
}

function signOf(row: string, isFirst: boolean, pattern: ComposerPattern): string {
  if (pattern.frame === 'bar') return pattern.first.exec(row)?.[0] ?? ''
  if (!isFirst) return pattern.next.exec(row)?.[0] ?? ''
  return pattern.first.exec(row)?.[0] ?? pattern.mode?.exec(row)?.[0] ?? ''
}

function saysHint(
  screen: Screen,
  box: Box,
  runs: Run[][],
  signs: string[],
  whole: string,
  start: number,
  pattern: ComposerPattern,
): boolean {
  if (pattern.hint.dim && isDim(runs, signs)) return true
  const cursorBefore = screen.cursor.y === box.firstRow && screen.cursor.x === start
  return cursorBefore && (pattern.hint.text?.test(whole.trimStart()) ?? false)
}

/** Everything but the cursor cell is drawn dim, and it is more than nothing. */
function isDim(runs: Run[][], signs: string[]): boolean {
  const letters = runs
    .flatMap((row, index) => afterSign(row, signs[index] ?? ''))
    .filter((run) => run.text.trim() !== '')
  const plainLetters = letters.filter((run) => !run.dim)
  return (
    letters.some((run) => run.dim) &&
    plainLetters.every((run, index) => index === 0 && run.inverse && columnsOf(run.text) <= 2)
  )
}

/** What was typed: a dim tail (completion, argument help) is the agent's, not the person's. */
function textOf(runs: Run[][], signs: string[], drawn: string[], pattern: ComposerPattern): string {
  if (!pattern.hint.dim) return drawn.join('\n').trim()
  const typed = runs.map((row, index) => {
    const kept = afterSign(row, signs[index] ?? '').filter((run) => !run.dim || run.inverse)
    return kept
      .map((run) => run.text)
      .join('')
      .trimEnd()
  })
  const text = typed.join('\n').trim()
  return text === '' ? drawn.join('\n').trim() : text
}

function afterSign(row: Run[], sign: string): Run[] {
  let skip = sign.length
  return row.map((run) => {
    const cut = Math.min(skip, run.text.length)
    skip -= cut
    return { ...run, text: run.text.slice(cut) }
  })
}

function isFocused(how: 'inverse' | 'cursor' | 'placed', screen: Screen, box: Box, runs: Run[][]): boolean {
  if (how === 'inverse') return runs.some((row) => row.some((run) => run.inverse))
  if (how === 'cursor' && !screen.cursor.visible) return false
  return screen.cursor.y >= box.firstRow && screen.cursor.y <= box.lastRow && screen.cursor.x > box.left
}

function compileOptional(source: string | undefined): RegExp | null {
  return source === undefined ? null : compilePattern(source)
}
