import { resolve } from 'node:path/posix'
import { columnsOf } from '../../agents/ansi.ts'
import type { Dialog } from '../../core/dialog.ts'
import type { Ask } from '../../core/interaction.ts'
import { askOfDialog } from './ask.ts'

/**
 * Whether a dialog, drawn in a window of so many columns, shows what a hook told of. Several requests may be on
 * their way at once, and one of them may be made to look like another: only where a row is full may it go on in
 * the next one.
 */
export function isDialogOf(told: Ask & { cwd: string }, dialog: Dialog, width: number): boolean {
  const shown = askOfDialog(told.agent, dialog)
  if (shown.kind !== told.kind) return false
  if (shown.kind !== 'permission') return true
  if (shown.tool !== told.tool) return false
  const { command, paths, url } = shown.input
  if (command !== undefined) return isDrawnAs(told.input.command, command, width)
  if (url !== undefined) return isDrawnAs(told.input.url, url, width)
  const [path] = paths ?? []
  const [whole] = told.input.paths ?? []
  return path !== undefined && whole !== undefined && resolve(told.cwd, whole) === resolve(told.cwd, path)
}

/** Frames, margins and a scroll bar take as many columns at most. */
const marginColumns = 16

function isDrawnAs(told: string | undefined, drawn: string, width: number): boolean {
  let rest = told?.trim()
  const rows = drawn.split('\n')
  for (const [index, row] of rows.entries()) {
    if (!rest?.startsWith(row)) return false
    rest = rest.slice(row.length)
    const next = rows[index + 1]
    if (next === undefined) break
    const lineEnd = /^[ \t]*\n/.exec(rest)?.[0]
    if (lineEnd === undefined && !isFull(row, next, width)) return false
    rest = lineEnd === undefined ? rest.trimStart() : rest.slice(lineEnd.length)
  }
  return rest?.trim() === ''
}

/** The first word of the next row had no room in this one. */
function isFull(row: string, next: string, width: number): boolean {
  const word = next.trimStart().split(' ')[0] ?? ''
  return columnsOf(row) + 1 + columnsOf(word) > width - marginColumns
}
