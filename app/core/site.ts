import type { AgentReader } from './agent.ts'
import type { Checkouts } from './checkouts.ts'
import type { Folders } from './folders.ts'
import type { Fleet, FleetListeners } from './fleet.ts'
import type { HookInbox } from './hook.ts'
import type { SessionHost } from './host.ts'

/**
 * One node as the broker works with it: its tmux, its agents and what they tell, its checkouts. While a node
 * that is elsewhere can't be heard, whatever asks it throws `AwayError`, and so does what was under way.
 */
export interface Site {
  host: SessionHost
  reader: AgentReader
  checkouts: Checkouts
  /** Its files, where those are not of this machine. */
  folders?: Folders
  /** What its agents tell by their hooks; everything works without. */
  hooks?: HookInbox
  /** Keeps up with its sessions from now on. */
  watch(listeners: FleetListeners): Fleet
}

/** Nodes elsewhere. A site stays the same over any number of cuts. */
export interface Sites {
  /** Told of each node once, as soon as it has been heard for the first time. */
  onJoin(listener: (site: Site) => void): void
}
