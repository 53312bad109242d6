import type { Look } from '../../core/host.ts'
import { literal, quote } from './encode.ts'
import { markerOption } from './panes.ts'

/** What `display-message` prints on either branch of a guarded list. */
export const doneWord = 'architect-done'
export const refusedWord = 'architect-refused'

/**
 * A format that is true only while the pane is exactly as it was looked at. tmux evaluates it and runs the list
 * in one go, and nothing can come between. Dead panes come first: a paste into one ends tmux 3.3a with every
 * agent in it. A pane that does not exist has no pid, so that its guard is false.
 */
export function guardFormat(look: Look): string {
  const conditions = [
    '#{==:#{pane_dead}#{pane_in_mode}#{pane_input_off},000}',
    equals('#{pane_pid}', String(look.pid)),
    equals('#{pane_current_command}', look.command),
    equals('#{alternate_on}', look.alternate ? '1' : '0'),
    equals('#{cursor_x}.#{cursor_y}', `${look.cursor.x}.${look.cursor.y}`),
    equals(`#{${markerOption}}`, look.marker),
    ...Object.entries(look.searches).map(([pattern, row]) =>
      equals(searchFormat(pattern), String(row === null ? 0 : row + 1)),
    ),
  ]
  return conditions.reduceRight((rest, condition) => `#{&&:${condition},${rest}}`)
}

/** Row of the first match on the visible grid, counted from 1; 0 for none. */
export function searchFormat(pattern: string): string {
  return `#{C/r:${pattern}}`
}

/** One `if-shell` line: the list and the word `done`, or nothing but the word `refused`. */
export function guardedLine(look: Look, commands: string[]): string {
  const list = [...commands, `display-message -p ${doneWord}`].join(' ; ')
  return `if-shell -F -t ${look.paneId} ${quote(guardFormat(look))} ${quote(list)} ${quote(`display-message -p ${refusedWord}`)}`
}

export function setMarker(paneId: string, marker: string): string {
  return `set-option -p -t ${paneId} ${markerOption} ${quote(marker)}`
}

function equals(format: string, value: string): string {
  return `#{==:${format},${literal(value)}}`
}
