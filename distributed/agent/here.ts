import type { AgentReader } from '../../app/core/agent.ts'
import type { Checkouts } from '../../app/core/checkouts.ts'
import type { Clock } from '../../app/core/clock.ts'
import type { Folders } from '../../app/core/folders.ts'
import type { HookInbox } from '../../app/core/hook.ts'
import type { SessionHost } from '../../app/core/host.ts'
import type { Launcher } from '../../app/core/launcher.ts'
import type { TerminalHost } from '../../app/core/terminal.ts'

/** What a node agent works with on its own machine. */
export interface Here {
  host: SessionHost
  /** Sweeps for whoever watches screens: they begin with everything, and take no news from those of `host`. */
  openSweeps: () => Pick<SessionHost, 'sweep'>
  terminals: TerminalHost
  launcher: Launcher
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
