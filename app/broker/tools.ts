import type { AgentReader } from '../core/agent.ts'
import type { Clock } from '../core/clock.ts'
import type { HookInbox, PermissionDecider, PermissionFate } from '../core/hook.ts'
import type { SessionHost } from '../core/host.ts'
import type { Database } from '../db/open.ts'
import type { Decide } from './interactions/judge.ts'

/** Where the broker writes what only a person who looks for a fault will read; pino fits. */
export interface FaultLog {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

/** Everything the broker works with. One value is made when the assigner starts and is passed along. */
export interface Tools {
  database: Database
  host: SessionHost
  reader: AgentReader
  clock: Clock
  log: FaultLog
  /** One readable line for each thing that was done, for people. */
  progress(line: string): void
  /** This assigner's name in leases; new with every start. */
  owner: string
  dataDir: string
  /** What agents tell by their hooks; everything works without. */
  hooks?: HookInbox
  /** Decides permission requests that come by hook; the agents' dialogs decide when absent. */
  decidePermission?: PermissionDecider
  /** Hears what became of what it decided. */
  notePermissionFate?: PermissionFate
  /** What rules and policies say, where it is not `app/patterns`. */
  decide?: Decide
}

/** A claim's lease; every live attempt's is renewed three times within it. */
export const leaseMs = 30_000
