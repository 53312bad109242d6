import { loadLibrary } from '../../agents/library.ts'
import { createReader } from '../../agents/reader.ts'
import { readConfig, type Config } from '../../config.ts'
import { openHost } from '../../context.ts'
import type { AgentReader } from '../../core/agent.ts'
import type { SessionHost } from '../../core/host.ts'

/** What a command needs that looks into tmux itself. */
export interface Looks {
  host: SessionHost
  reader: AgentReader
}

export async function withLooks<T>(
  work: (looks: Looks) => Promise<T>,
  config: Config = readConfig(process.env),
): Promise<T> {
  const reader = createReader(loadLibrary(config.dataDir))
  await using host = openHost(config)
  return await work({ host, reader })
}
