import type { EpochMs } from './clock.ts'

/** A pane of one tmux server of one node. `server` is the socket's label, `paneId` tmux's own `%7`. */
export interface PaneRef {
  server: string
  paneId: string
}

/** The key under which a pane is stored: `default/%7`. */
export function paneKey({ server, paneId }: PaneRef): string {
  return `${server}/${paneId}`
}

/** The node in a session's key, `node/server/%7`. */
export function nodeOf(sessionKey: string): string {
  return sessionKey.slice(0, sessionKey.indexOf('/'))
}

/** The pane in a session's key, `node/server/%7`. */
export function paneOf(sessionKey: string): PaneRef {
  const [, server = '', paneId = ''] = /^[^/]*\/(.*)\/(%\d+)$/.exec(sessionKey) ?? []
  return { server, paneId }
}

/** One row of `list-panes`: everything that is known of a pane without capturing it. */
export interface Pane extends PaneRef {
  sessionName: string
  /** `session:window.pane`, as a person names it. */
  address: string
  /** The process that tmux started in the pane (a shell, or the agent itself). */
  pid: number
  /** `/dev/pts/3`. */
  tty: string
  /** Name of the foreground process, as tmux reads it at that moment. */
  command: string
  title: string
  path: string
  width: number
  height: number
  dead: boolean
  inMode: boolean
  inputOff: boolean
  alternate: boolean
  cursor: { x: number; y: number; visible: boolean }
  historySize: number
  /** tmux's `window_activity`; a grain of one second. */
  activityAt: EpochMs
  /** When somebody last pressed a key in an attached client that shows this pane; null: nobody attached did. */
  typedAt: EpochMs | null
  /** The pane option in which delivery keeps its phase; '' when it was never set. */
  marker: string
}

/**
 * A pane and its screen, read in one command list, so that both are of one moment. It is also the condition
 * of what follows: `paste`, `submit` and `press` run only while tmux still sees what this look saw.
 */
export interface Look extends Pane {
  at: EpochMs
  /** The visible rows with their SGR attributes (`capture-pane -p -e`), top to bottom, one per screen row. */
  rows: string[]
  /** For each POSIX ERE that was asked for: the 0-based row of its first match on the grid, or null. */
  searches: Record<string, number | null>
}

/** One complete look at a host: every pane, and the screens of those that can have changed. */
export interface Sweep {
  at: EpochMs
  panes: Pane[]
  changed: Look[]
}

/** `done`: the whole list ran. `refused`: the guard did not hold and nothing at all was sent. */
export type StepResult = 'done' | 'refused'

export interface NewSession {
  name: string
  dir: string
  /** argv of the program to run in the pane. */
  command: string[]
  env?: Record<string, string>
  /** Which tmux server, by label; the first one when absent. */
  server?: string
  width?: number
  height?: number
}

/**
 * tmux on one node. Throws `AppError`: `unavailable` when no tmux server answers (none running, too old, hung),
 * `not_found` when the pane is gone, `conflict` when a session of that name exists.
 *
 * Promise: `paste`, `submit` and `press` are all-or-nothing, also when this process or its tmux client dies in
 * the middle, and each compares the pane with `look` inside tmux: same process, same foreground command, same
 * marker, same cursor, same searches, not dead, not in copy mode, input not switched off. A successful one
 * leaves `marker` behind as the proof that it ran.
 */
export interface SessionHost extends AsyncDisposable {
  /** The node's name. */
  readonly node: string
  list(): Promise<Pane[]>
  /** Lists all panes and captures those of `wanted` that can have changed since the last sweep. */
  sweep(wanted: (pane: Pane) => boolean): Promise<Sweep>
  look(pane: PaneRef, searches?: string[]): Promise<Look>
  /** The last `lines` rows of scrollback and screen, without attributes. */
  history(pane: PaneRef, lines: number): Promise<string>
  /** Bracketed paste of the whole text, and the marker. Never an Enter. */
  paste(look: Look, text: string, marker: string): Promise<StepResult>
  /** One Enter, and the marker. */
  submit(look: Look, marker: string): Promise<StepResult>
  /** Named keys in tmux's words (`Escape`, `C-c`, `C-u`, `Down`), and the marker. */
  press(look: Look, keys: string[], marker: string): Promise<StepResult>
  /** The marker alone, as long as the same process runs there under the marker of the look. */
  mark(look: Look, marker: string): Promise<StepResult>
  create(session: NewSession): Promise<PaneRef>
  /** Ends a session and what runs in it. */
  kill(sessionName: string, server?: string): Promise<void>
}
