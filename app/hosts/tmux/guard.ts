import type { Look } from '../../core/host.ts'
import { markerOption, printable, searchField } from './pane-fields.ts'
import { formatLiteral } from './quote.ts'

/**
 * The condition, as a tmux format, that a pane is still what `look` saw and can take keys. tmux evaluates it in
 * the same command list as the keys, so nothing can change in between. Each line answers a hazard of its own:
 * a paste into a dead pane ends the whole server; copy mode eats the Enter but not the paste; a pane whose
 * input is off drops both and reports success; synchronized panes would all take our Enter.
 */
export function guardOf(look: Look): string {
  const pairs: [format: string, seen: string][] = [
    ['#{pane_id}', look.paneId],
    ['#{pane_dead}', '0'],
    ['#{pane_in_mode}', '0'],
    ['#{pane_input_off}', '0'],
    ['#{?pane_synchronized,1,0}', '0'],
    ['#{pane_pid}', String(look.pid)],
    ['#{alternate_on}', look.alternate ? '1' : '0'],
    ['#{cursor_x}', String(look.cursor.x)],
    ['#{cursor_y}', String(look.cursor.y)],
    [printable(markerOption), look.marker],
    [printable('pane_current_command'), look.command],
    ...Object.entries(look.searches).map(([pattern, row]): [string, string] => [
      searchField(pattern),
      row === null ? '0' : String(row + 1),
    ]),
  ]
  return allEqual(pairs)
}

/** The condition that nobody else has written a marker since `look`; what the pane shows may have changed. */
export function markerGuardOf(look: Look): string {
  return allEqual([
    ['#{pane_id}', look.paneId],
    ['#{pane_pid}', String(look.pid)],
    [printable(markerOption), look.marker],
  ])
}

function allEqual(pairs: [format: string, seen: string][]): string {
  const now = pairs.map(([format]) => format).join('|')
  const seen = pairs.map(([, value]) => formatLiteral(value)).join('|')
  return `#{==:${now},${seen}}`
}
