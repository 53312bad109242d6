import type { Pane } from '../../core/host.ts'

/** The pane option that holds delivery's marker. */
export const markerOption = '@architect'

/** Our own sessions, one per client, are not part of what we show. */
export const ownSessionPrefix = '_architect-'

/** Free text comes last, so that a tab in a title can't shift anything else. */
const fields = [
  'pane_id',
  'pane_pid',
  'pane_dead',
  'pane_in_mode',
  'pane_input_off',
  'alternate_on',
  'cursor_x',
  'cursor_y',
  'cursor_flag',
  'pane_width',
  'pane_height',
  'history_size',
  'window_activity',
  'window_index',
  'pane_index',
  'pane_tty',
  markerOption,
  'session_name',
  'pane_current_command',
  'pane_current_path',
  'pane_title',
] as const

/** For `list-panes -F` and `display-message -p`; one line, `\t` between fields. */
export const paneFormat = fields.map((field) => `#{${field}}`).join('\t')

/** null: the line is not one that `paneFormat` makes. */
export function parsePane(server: string, line: string): Pane | null {
  const values = line.split('\t')
  if (values.length < fields.length || !values[0]?.startsWith('%')) return null
  const text = (field: (typeof fields)[number]) => values[fields.indexOf(field)] ?? ''
  const count = (field: (typeof fields)[number]) => Number(text(field)) || 0
  const flag = (field: (typeof fields)[number]) => count(field) > 0
  return {
    server,
    paneId: text('pane_id'),
    sessionName: text('session_name'),
    address: `${text('session_name')}:${text('window_index')}.${text('pane_index')}`,
    pid: count('pane_pid'),
    tty: text('pane_tty'),
    command: text('pane_current_command'),
    title: values.slice(fields.length - 1).join('\t'),
    path: text('pane_current_path'),
    width: count('pane_width'),
    height: count('pane_height'),
    dead: flag('pane_dead'),
    inMode: flag('pane_in_mode'),
    inputOff: flag('pane_input_off'),
    alternate: flag('alternate_on'),
    cursor: { x: count('cursor_x'), y: count('cursor_y'), visible: flag('cursor_flag') },
    historySize: count('history_size'),
    activityAt: count('window_activity') * 1_000,
    typedAt: null,
    marker: text(markerOption),
  }
}

export const clientFormat = ['client_control_mode', 'client_activity', 'client_created', 'pane_id']
  .map((field) => `#{${field}}`)
  .join('\t')

/** For each pane that an attached person looks at: when that person last pressed a key. */
export function parseTypists(lines: string[]): Map<string, number> {
  const typists = new Map<string, number>()
  for (const line of lines) {
    const [control, activity, created, paneId] = line.split('\t')
    const at = Number(activity)
    // Attaching counts as activity to tmux; a key that was pressed comes later than that.
    if (control === '1' || !paneId || at <= Number(created) + 1) continue
    typists.set(paneId, Math.max(typists.get(paneId) ?? 0, at * 1_000))
  }
  return typists
}
