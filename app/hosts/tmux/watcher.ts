import type { Clock, EpochMs } from '../../core/clock.ts'
import type { Look, Pane } from '../../core/host.ts'
import { listPanes, lookAtPanes } from './read-panes.ts'
import type { TmuxServer } from './tmux-server.ts'

/**
 * How far `window_activity` may lie behind what a capture has already shown, in ms: it has a grain of one
 * second, and a repaint in place changes nothing else that a listing shows.
 */
const activityGrainMs = 2000

/** Knows what was captured of one server's panes, and captures only what can have changed since. */
export class Watcher {
  private readonly server: TmuxServer
  private readonly clock: Clock
  private captured = new Map<string, { at: EpochMs; fields: string }>()

  constructor(server: TmuxServer, clock: Clock) {
    this.server = server
    this.clock = clock
  }

  async sweep(wanted: (pane: Pane) => boolean): Promise<{ panes: Pane[]; changed: Look[] }> {
    const panes = await listPanes(this.server)
    const present = new Set(panes.map(({ paneId }) => paneId))
    for (const paneId of this.captured.keys()) if (!present.has(paneId)) this.captured.delete(paneId)
    const due = panes.filter((pane) => wanted(pane) && this.canHaveChanged(pane)).map(({ paneId }) => paneId)
    const looks = await lookAtPanes(this.server, due, [], this.clock)
    const changed = looks.filter((look) => look !== null)
    for (const look of changed) this.captured.set(look.paneId, { at: look.at, fields: visibleFields(look) })
    return { panes, changed }
  }

  private canHaveChanged(pane: Pane): boolean {
    const last = this.captured.get(pane.paneId)
    return !last || pane.activityAt + activityGrainMs > last.at || visibleFields(pane) !== last.fields
  }
}

function visibleFields(pane: Pane): string {
  const { pid, command, title, width, height, dead, inMode, alternate, cursor, historySize, marker } = pane
  return JSON.stringify([
    [pid, command, title, width, height, dead, inMode, alternate],
    [cursor.x, cursor.y, cursor.visible, historySize, marker],
  ])
}
