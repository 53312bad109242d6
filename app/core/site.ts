import type { AgentReader } from './agent.ts'
import type { Checkouts } from './checkouts.ts'
import type { Folders } from './folders.ts'
import type { Fleet, FleetListeners } from './fleet.ts'
import type { HookInbox } from './hook.ts'
import type { EpochMs } from './clock.ts'
import type { SessionHost } from './host.ts'
import type { Launcher } from './launcher.ts'
import type { TerminalHost } from './terminal.ts'

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

/** One node as people work with it from the dashboard. While it is away everything throws `AwayError`. */
export interface OpenSite extends Pick<Site, 'host' | 'reader'> {
  terminals: TerminalHost
  launcher: Launcher
  /** Since when it can't be heard; null while it can, and for this machine. */
  readonly awaySince: EpochMs | null
}

/** Every node that people can work with; this machine is one of them. */
export interface OpenSites {
  readonly here: OpenSite
  /** undefined: there is no node of that name. The same one over any number of cuts. */
  find(node: string): OpenSite | undefined
  /** Told the name of each node that can be heard again, or for the first time. Returns the way to stop. */
  onReturn(listener: (node: string) => void): () => void
}
