import type { AgentReader } from '../../app/core/agent.ts'
import type { Checkouts } from '../../app/core/checkouts.ts'
import type { Clock } from '../../app/core/clock.ts'
import type { Folders } from '../../app/core/folders.ts'
import type { HookInbox } from '../../app/core/hook.ts'
import type { SessionHost } from '../../app/core/host.ts'

/** What a node agent works with on its own machine. */
export interface Here {
  host: SessionHost
  reader: AgentReader
  checkouts: Checkouts
  folders: Folders
  hooks: HookInbox
  clock: Clock
  log: {
    info(data: object, message: string): void
    warn(data: object, message: string): void
    error(data: object, message: string): void
  }
}
