import { createReader } from './agents/reader.ts'
import { loadLibrary, type AgentLibrary } from './agents/library.ts'
import { keepCapture } from './captures.ts'
import { hookPaths } from './hooks/paths.ts'
import type { Config } from './config.ts'
import type { AgentReader } from './core/agent.ts'
import { messageOf } from './core/errors.ts'
import type { SessionHost } from './core/host.ts'
import type { TerminalHost } from './core/terminal.ts'
import { parseSockets } from './hosts/tmux/sockets.ts'
import { TmuxHost } from './hosts/tmux/tmux-host.ts'
import type { Log } from './log.ts'
import { openRecords, type Records } from './records.ts'

/** Everything that a process of Architect works with, opened in one place and given back in reverse order. */
export interface Context extends Records, AsyncDisposable {
  log: Log
  host: SessionHost
  /** Terminals on the sessions of `host`. */
  terminals: TerminalHost
  library: AgentLibrary
  reader: AgentReader
}

/** Throws `unavailable` or `invalid` when the database, the agents' rules or the sockets can't be used. */
export async function openContext(config: Config, log: Log): Promise<Context> {
  const library = loadLibrary(config.dataDir)
  const reader = createReader(library, {
    hookRecords: hookPaths(config.dataDir).records,
    onDrift: (verdict, screen) => keepCapture(config.dataDir, log, verdict, screen),
  })
  const records = await openRecords(config, (error) => {
    log.json.warn({ err: error }, `the connection that tells of news broke: ${messageOf(error)}`)
  })
  const host = openHost(config)
  return {
    ...records,
    log,
    host,
    terminals: host,
    library,
    reader,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]()
      await records[Symbol.asyncDispose]()
    },
  }
}

export function openHost(config: Config): TmuxHost {
  return new TmuxHost({ node: config.node, sockets: parseSockets(config.tmuxSocket ?? '') })
}
