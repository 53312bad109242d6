/*
 * Rows as tmux captures them with `-e`: text with SGR sequences, whose state runs on from row to row, because
 * tmux writes only what changes. Trailing blanks are missing, so a cursor cell at the end of a row shows only
 * as an inverse state with nothing behind it.
 */

/** The row's text alone: no colours, hyperlinks, character set switches or other control characters. */
export function withoutAttributes(row: string): string {
  return row.includes('\u001b') || unprintable.test(row) ? row.replace(allSequences, '') : row
}

/** The attributes that tell hint from typed text, and the cell that an agent draws as its own cursor. */
export interface Attributes {
  dim: boolean
  inverse: boolean
}

/** A run of text with equal attributes; `text` may be empty in the last run of a row. */
export interface Run extends Attributes {
  text: string
}

/** The runs of rows `from` to `to` (inclusive), with what the rows before them left switched on. */
export function attributedRows(rows: readonly string[], from: number, to: number): Run[][] {
  const state: Attributes = { dim: false, inverse: false }
  for (const row of rows.slice(0, from)) {
    if (row.includes('\u001b'))
      for (const [, codes] of row.matchAll(colourSequence)) switchAttributes(state, codes ?? '')
  }
  return rows.slice(from, to + 1).map((row) => runsOf(row, state))
}

/** Cells that the text takes on a terminal: two for wide characters and emoji, none for combining marks. */
export function columnsOf(text: string): number {
  if (narrow.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemesOf(text)) columns += cellsOf(segment)
  return columns
}

/** The part of `text` that stands in the columns `from` (inclusive) to `to` (exclusive). */
export function sliceColumns(text: string, from: number, to: number): string {
  if (narrow.test(text)) return text.slice(from, to)
  let at = 0
  let part = ''
  for (const { segment } of graphemesOf(text)) {
    if (at >= from && at < to) part += segment
    at += cellsOf(segment)
  }
  return part
}

const colourSequence = /\u001b\[([0-9;:]*)m/g
const allSequences =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|[\u0000-\u001f\u007f]/g
const unprintable = /[\u0000-\u001f\u007f]/
/** Text in which every UTF-16 unit is one cell: ASCII, Latin, punctuation, and the signs that agents draw with. */
const narrow =
  /^[\u0020-\u02ff\u2010-\u203a\u2190-\u2319\u231c-\u23e8\u23ed-\u23ef\u23f1\u23f2\u23f4-\u23ff\u2500-\u25fc\u2701-\u2704\u2706-\u2709\u270c-\u2727\u2729-\u274b\u274d\u274f-\u2752\u2756\u2758-\u2794\u2798-\u27af\u27b1-\u27be\u2800-\u28ff]*$/
/** Made when a screen needs it, which few do: its tables are 3 MB. */
let segmenter: Intl.Segmenter | null = null
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^[\u{17000}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}|\ufe0f/u

function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })
  return segmenter.segment(text)
}

function cellsOf(grapheme: string): number {
  if (/^[\p{Mark}\u200b-\u200f\u2060\ufeff]+$/u.test(grapheme)) return 0
  return wide.test(grapheme) ? 2 : 1
}

function runsOf(row: string, state: Attributes): Run[] {
  const runs: Run[] = []
  let at = 0
  for (const match of row.matchAll(colourSequence)) {
    pushRun(runs, row.slice(at, match.index), state)
    switchAttributes(state, match[1] ?? '')
    at = match.index + match[0].length
  }
  runs.push({ text: withoutAttributes(row.slice(at)), ...state })
  return runs
}

function pushRun(runs: Run[], raw: string, state: Attributes) {
  const text = withoutAttributes(raw)
  if (text !== '') runs.push({ text, ...state })
}

function switchAttributes(state: Attributes, codes: string) {
  const parts = codes.split(';')
  for (let i = 0; i < parts.length; i++) {
    const code = parts[i]
    if (code === '' || code === '0') Object.assign(state, { dim: false, inverse: false })
    else if (code === '2') state.dim = true
    else if (code === '22') state.dim = false
    else if (code === '7') state.inverse = true
    else if (code === '27') state.inverse = false
    else if (code === '38' || code === '48') i += parts[i + 1] === '2' ? 4 : 2
  }
}
