import type { Clock } from '../core/clock.ts'
import type { PermissionDecider } from '../core/hook.ts'
import type { Site } from '../core/site.ts'
import type { Database } from '../db/open.ts'
import type { Decide } from './interactions/judge.ts'

/** Where the broker writes what only a person who looks for a fault will read; pino fits. */
export interface FaultLog {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

/** What the broker works with, whichever node it works at. Made when the assigner starts, and passed along. */
export interface OfficeTools {
  database: Database
  clock: Clock
  log: FaultLog
  /** One readable line for each thing that was done, for people. */
  progress(line: string): void
  /** This assigner's name in leases; new with every start. */
  owner: string
  dataDir: string
  /** Decides permission requests that come by hook; the rules of people when absent. */
  decidePermission?: PermissionDecider
  /** What rules and policies say, where it is not `app/patterns`. */
  decide?: Decide
}

/** Everything that the broker works with at one node. */
export interface Tools extends OfficeTools, Site {
  /** Not the machine beside us. */
  isElsewhere?: true
}

/** A session as people are told of it: with its node where that is another machine. */
export function spokenName(
  { isElsewhere, host }: { isElsewhere?: true; host: { node: string } },
  sessionName: string,
): string {
  return isElsewhere ? `${host.node}/${sessionName}` : sessionName
}
