import { createReader } from './agents/reader.ts'
import { loadLibrary, type AgentLibrary } from './agents/library.ts'
import type { Config } from './config.ts'
import type { AgentReader } from './core/agent.ts'
import { systemClock, type Clock } from './core/clock.ts'
import type { SessionHost } from './core/host.ts'
import { openDatabase, type Database } from './db/open.ts'
import { parseSockets } from './hosts/tmux/sockets.ts'
import { TmuxHost } from './hosts/tmux/tmux-host.ts'
import type { Log } from './log.ts'

/** Everything that a process of Architect works with, opened in one place and given back in reverse order. */
export interface Context extends AsyncDisposable {
  config: Config
  clock: Clock
  log: Log
  database: Database
  host: SessionHost
  library: AgentLibrary
  reader: AgentReader
}

/** Throws `unavailable` or `invalid` when the database, the agents' rules or the sockets can't be used. */
export async function openContext(config: Config, log: Log): Promise<Context> {
  const library = loadLibrary(config.dataDir)
  const reader = createReader(library)
  const database = await openConfiguredDatabase(config)
  const host = openHost(config)
  return {
    config,
    clock: systemClock,
    log,
    database,
    host,
    library,
    reader,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

export function openConfiguredDatabase(config: Config): Promise<Database> {
  return openDatabase({ dataDir: config.dataDir, databaseUrl: config.databaseUrl ?? undefined })
}

export function openHost(config: Config): SessionHost {
  return new TmuxHost({ node: config.node, sockets: parseSockets(config.tmuxSocket ?? '') })
}
