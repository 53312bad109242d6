import type { Pane } from '../../core/host.ts'
import { formatLiteral } from './quote.ts'

/**
 * A value that may hold anything, read with its control characters replaced: a folder's name with a newline in
 * it would otherwise end the line of the listing.
 */
export function printable(variable: string): string {
  return `#{s/[\u0001-\u001f\u007f]/?/:${variable}}`
}

/** The pane option in which delivery keeps its phase. */
export const markerOption = '@architect'

/** 0 when there is no match, else 1 + the row of the first one, on the grid that is visible. */
export function searchField(pattern: string): string {
  return `#{C/r:${formatLiteral(pattern)}}`
}

const fields = {
  paneId: '#{pane_id}',
  windowId: '#{window_id}',
  sessionName: '#{session_name}',
  windowIndex: '#{window_index}',
  paneIndex: '#{pane_index}',
  pid: '#{pane_pid}',
  tty: '#{pane_tty}',
  width: '#{pane_width}',
  height: '#{pane_height}',
  dead: '#{pane_dead}',
  inMode: '#{pane_in_mode}',
  inputOff: '#{pane_input_off}',
  alternate: '#{alternate_on}',
  cursorX: '#{cursor_x}',
  cursorY: '#{cursor_y}',
  cursorVisible: '#{cursor_flag}',
  historySize: '#{history_size}',
  activity: '#{window_activity}',
  marker: printable(markerOption),
  command: printable('pane_current_command'),
  title: '#{pane_title}', // tmux itself takes no title with control characters
  path: printable('pane_current_path'),
}
const fieldNames = Object.keys(fields) as (keyof typeof fields)[]

/** The format of one line of `list-panes`: the fields, then one number per search. */
export function paneFormat(searches: string[] = []): string {
  return [...Object.values(fields), ...searches.map(searchField)].join('\t')
}

/** What a quiet pane is watched by: each field of a format costs tmux about 4 µs per pane (measured on 3.3a). */
export const briefFormat = [
  fields.paneId,
  fields.activity,
  `${fields.pid} ${fields.dead} ${fields.inMode} ${fields.inputOff}`,
  fields.sessionName,
  fields.marker,
].join('\t')

export type Brief = Pick<
  Pane,
  'paneId' | 'activityAt' | 'pid' | 'dead' | 'inMode' | 'inputOff' | 'sessionName' | 'marker'
>

export function readBrief(line: string): Brief {
  const [paneId = '', activity, numbers = '', sessionName = '', marker = ''] = line.split('\t')
  const [pid = 0, dead = 0, inMode = 0, inputOff = 0] = numbers.split(' ').map(Number)
  return {
    paneId,
    activityAt: Number(activity) * 1000,
    pid,
    dead: dead > 0,
    inMode: inMode > 0,
    inputOff: inputOff > 0,
    sessionName,
    marker,
  }
}

/** A pane as listed; when somebody last typed there is known by the clients, not by the pane. */
export type ListedPane = Omit<Pane, 'typedAt'> & { windowId: string; found: (number | null)[] }

export function readPane(server: string, line: string): ListedPane {
  const values = line.split('\t')
  const text = Object.fromEntries(fieldNames.map((name, index) => [name, values[index] ?? '']))
  const field = (name: keyof typeof fields) => text[name]!
  const number = (name: keyof typeof fields) => Number(field(name))
  const flag = (name: keyof typeof fields) => number(name) > 0
  return {
    server,
    paneId: field('paneId'),
    windowId: field('windowId'),
    sessionName: field('sessionName'),
    address: `${field('sessionName')}:${field('windowIndex')}.${field('paneIndex')}`,
    pid: number('pid'),
    tty: field('tty'),
    command: field('command'),
    title: field('title'),
    path: field('path'),
    width: number('width'),
    height: number('height'),
    dead: flag('dead'),
    inMode: flag('inMode'),
    inputOff: flag('inputOff'),
    alternate: flag('alternate'),
    cursor: { x: number('cursorX'), y: number('cursorY'), visible: flag('cursorVisible') },
    historySize: number('historySize'),
    activityAt: number('activity') * 1000,
    marker: field('marker'),
    found: values.slice(fieldNames.length).map((row) => (Number(row) > 0 ? Number(row) - 1 : null)),
  }
}
