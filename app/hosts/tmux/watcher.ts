import type { Clock, EpochMs } from '../../core/clock.ts'
import type { Look, Pane } from '../../core/host.ts'
import type { Brief, ListedPane } from './pane-fields.ts'
import { asPane, listBriefly, listFully, listSome, lookAtPanes } from './read-panes.ts'
import type { TmuxServer } from './tmux-server.ts'
import type { Typists } from './typed-at.ts'

/**
 * How far `window_activity` may lie behind what a capture has already shown, in ms: it has a grain of one
 * second, and a repaint in place changes nothing else that a listing shows.
 */
const activityGrainMs = 2000

/**
 * What a quiet pane can change without activity (its folder, a title set by hand, its session's name) is read
 * this often, in ms. In between only a few fields are: a full listing of 100 panes costs tmux some 15 ms of CPU.
 */
const fullListingEveryMs = 30_000

/** Knows what was captured of one server's panes, and captures only what can have changed since. */
export class Watcher {
  private readonly server: TmuxServer
  private readonly clock: Clock
  private known = new Map<string, Known>()
  private captured = new Map<string, Look>()
  private fullAt: EpochMs = -Infinity

  constructor(server: TmuxServer, clock: Clock) {
    this.server = server
    this.clock = clock
  }

  async sweep(wanted: (pane: Pane) => boolean): Promise<{ panes: Pane[]; changed: Look[] }> {
    const typedAt = await this.refresh()
    for (const paneId of this.captured.keys()) if (!this.known.has(paneId)) this.captured.delete(paneId)
    const panes = [...this.known.values()].map((known) => this.paneOf(known, typedAt))
    const due = panes.filter((pane) => this.canHaveChanged(pane) && wanted(pane)).map(({ paneId }) => paneId)
    const looks = await lookAtPanes(this.server, due, [], this.clock)
    const changed = looks.filter((look) => look !== null)
    for (const look of changed) this.captured.set(look.paneId, look)
    return { panes, changed }
  }

  private async refresh(): Promise<Typists> {
    const now = this.clock.now()
    if (now - this.fullAt >= fullListingEveryMs) {
      const { panes, typedAt } = await listFully(this.server)
      this.known.clear()
      this.remember(panes, now)
      this.fullAt = now
      return typedAt
    }
    const { briefs, typedAt } = await listBriefly(this.server)
    const present = new Set(briefs.map(({ paneId }) => paneId))
    for (const paneId of this.known.keys()) if (!present.has(paneId)) this.known.delete(paneId)
    const stale = briefs.filter((brief) => this.isNews(brief)).map(({ paneId }) => paneId)
    this.remember(await listSome(this.server, stale), now)
    return typedAt
  }

  private remember(panes: ListedPane[], readAt: EpochMs) {
    for (const pane of panes) this.known.set(pane.paneId, { pane, readAt, shown: null })
  }

  /** The same object as long as nothing about the pane has changed: most panes of most sweeps. */
  private paneOf(known: Known, typists: Typists): Pane {
    const typedAt = typists.get(known.pane.windowId) ?? null
    if (known.shown?.typedAt !== typedAt) known.shown = asPane(known.pane, typists)
    return known.shown
  }

  private isNews(brief: Brief): boolean {
    const known = this.known.get(brief.paneId)
    if (!known || brief.activityAt + activityGrainMs > known.readAt) return true
    return Object.entries(brief).some(([name, value]) => known.pane[name as keyof Brief] !== value)
  }

  private canHaveChanged(pane: Pane): boolean {
    const last = this.captured.get(pane.paneId)
    return !last || pane.activityAt + activityGrainMs > last.at || !looksAlike(pane, last)
  }
}

interface Known {
  pane: ListedPane
  readAt: EpochMs
  /** As it was last given out. */
  shown: Pane | null
}

function looksAlike(a: Pane, b: Pane): boolean {
  return (
    visibleFields.every((field) => a[field] === b[field]) &&
    a.cursor.x === b.cursor.x &&
    a.cursor.y === b.cursor.y &&
    a.cursor.visible === b.cursor.visible
  )
}

const visibleFields = [
  'pid',
  'command',
  'title',
  'width',
  'height',
  'dead',
  'inMode',
  'alternate',
  'historySize',
  'marker',
] as const satisfies (keyof Pane)[]
