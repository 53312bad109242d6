import { hookPaths } from '../../hooks/paths.ts'
import { readConfig, type Config } from '../../config.ts'
import type { Looks } from '../../broker/named-session.ts'

export async function withLooks<T>(
  work: (looks: Looks) => Promise<T>,
  config: Config = readConfig(process.env),
): Promise<T> {
  const { loadLibrary } = await import('../../agents/library.ts')
  const { createReader } = await import('../../agents/reader.ts')
  const { openHost } = await import('../../context.ts')
  const reader = createReader(loadLibrary(config.dataDir), { hookRecords: hookPaths(config.dataDir).records })
  await using host = openHost(config)
  return await work({ host, reader })
}
