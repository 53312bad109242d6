import type { AgentReader } from '../core/agent.ts'
import type { Clock } from '../core/clock.ts'
import type { SessionHost } from '../core/host.ts'
import type { OpenSites } from '../core/site.ts'
import type { SigningKeys } from '../accounts/secret.ts'
import type { AgentLibrary } from '../agents/library.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { ErrorIntake } from '../errors/intake.ts'
import type { Log } from '../log.ts'
import type { Nodes } from '../nodes/open.ts'
import type { VaultKeys } from '../vault/keys.ts'
import type { Services } from './services.ts'

/** Everything that routes, pages and sockets work with. One value is made when the dashboard starts. */
export interface Web {
  config: Config
  clock: Clock
  database: Database
  /** Of this machine, as everything here whose node is not said. */
  host: SessionHost
  /** Every node, with its tmux, agents and terminals. */
  sites: OpenSites
  reader: AgentReader
  library: AgentLibrary
  log: Log
  /** Who of the machines was heard when, and their figures. */
  nodes: Nodes
  /** Where errors that programs report come in. */
  errors: ErrorIntake
  /** What cookies and short-lived tokens are signed with. */
  keys: SigningKeys
  /** The master keys of the vault, as far as they are at hand. */
  vault: VaultKeys
  /** What this dashboard keeps running beside it. */
  services: Services
  /** When this dashboard started. */
  startedAt: number
}
