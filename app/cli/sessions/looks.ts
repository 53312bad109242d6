import { readConfig, type Config } from '../../config.ts'
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
  const { loadLibrary } = await import('../../agents/library.ts')
  const { createReader } = await import('../../agents/reader.ts')
  const { openHost } = await import('../../context.ts')
  const reader = createReader(loadLibrary(config.dataDir))
  await using host = openHost(config)
  return await work({ host, reader })
}
