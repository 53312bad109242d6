import type { Dialog } from '../../core/dialog.ts'
import type { Look } from '../../core/host.ts'

/** Each of them costs tmux one search of the screen in the moment of the key. */
const maxGuards = 48

/**
 * The rows of a dialog as POSIX EREs, which tmux searches on its own grid in the moment of the keystroke: another
 * command in the same layout is another row, and the key is refused.
 */
export function guardsOf(dialog: Dialog): string[] {
  const rows = dialog.rows.filter((row) => /[A-Za-z0-9]/.test(row))
  const kept =
    rows.length <= maxGuards ? rows : [...rows.slice(0, maxGuards / 2), ...rows.slice(-maxGuards / 2)]
  return [...new Set([...kept, ...kept.flatMap((row) => untickedAs(dialog, row))].map(exactly))]
}

/**
 * The same row with its box not ticked, which is not to be found while it is: the mark of a box is any letter to a
 * search, a blank is a blank.
 */
function untickedAs({ boxes }: Dialog, row: string): string[] {
  return boxes
    ? [...row.matchAll(/^(.*?\d\. \[)[^ ](\] .*)$/gu)].map(([, before, after]) => `${before} ${after}`)
    : []
}

/**
 * Whether the look's searches found each row of the input first where the dialog shows it: a copy of it further
 * up would be found instead, and prove nothing about the dialog.
 */
export function areInputRowsGuarded(dialog: Dialog, look: Look): boolean {
  const values = Object.values(dialog.input).flatMap((text) => text.split('\n'))
  return dialog.rows.every((row, index) => {
    const isInput = values.some((value) => value !== '' && row.includes(value))
    return !isInput || look.searches[exactly(row)] === dialog.firstRow + index
  })
}

/**
 * The row and nothing else, as a search of tmux' takes it: letters beyond ASCII are any letters there, and so are
 * the four signs that mean something to a format.
 */
function exactly(row: string): string {
  const literal = row
    .trimEnd()
    .replaceAll(/[^A-Za-z0-9 _/=-]+/g, (signs) => Array.from(signs, oneSign).join(''))
  return `^${literal.replaceAll(/(?:\.\+)+/g, '.+')}$`
}

function oneSign(sign: string): string {
  if (/[,}#:]/.test(sign)) return '.'
  if (!/[!-~]/.test(sign)) return '.+'
  return sign === '^' || sign === '\\' || sign === ']' ? `\\${sign}` : `[${sign}]`
}
