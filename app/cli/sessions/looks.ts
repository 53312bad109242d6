import { hookPaths } from '../../hooks/paths.ts'
import { readConfig, type Config } from '../../config.ts'
import type { Looks } from '../../broker/named-session.ts'
import { AppError, AwayError } from '../../core/errors.ts'
import type { Records } from '../../records.ts'

export async function withLooks<T>(
  work: (looks: Looks) => Promise<T>,
  config: Config = readConfig(process.env),
): Promise<T> {
  const { openHost } = await import('../../context.ts')
  await using host = openHost(config)
  return await work({ host, reader: await openReader(config) })
}

/** So long a node that is connected to the dashboard needs at most to be heard here, in ms. */
const heardWithinMs = 3_000

/** The same for a session of any node; others are reached through the dashboard of this machine. */
export async function withLooksAt<T>(
  records: Records,
  node: string,
  work: (looks: Looks) => Promise<T>,
): Promise<T> {
  const { config, clock } = records
  if (node === config.node) return withLooks(work, config)
  const { findHub } = await import('../../nodes/find-hub.ts')
  const { HubSites } = await import('../../../distributed/remote/hub-sites.ts')
  const { readSigningKeys } = await import('../../accounts/secret.ts')
  const silent = { info: () => undefined, warn: () => undefined }
  const rules = await openReader(config)
  const secret = readSigningKeys(config).tokens
  const as = { guestOf: node }
  await using sites = new HubSites({ as, findHub: () => findHub(records), secret, clock, rules, log: silent })
  const heard = new AbortController()
  const found: Looks[] = []
  sites.onJoin((site) => {
    found.push(site)
    heard.abort()
  })
  await clock.sleep(heardWithinMs, heard.signal)
  if (found[0]) return await work(found[0])
  if ((await findHub(records)) !== null)
    throw new AwayError(`${node} is away: its node agent is not connected.`)
  const why = `${node} is reached through the dashboard, which does not run here.`
  throw new AppError('unavailable', `${why} Start it with ./deploy.sh --daemon`)
}

async function openReader(config: Config) {
  const { loadLibrary } = await import('../../agents/library.ts')
  const { createReader } = await import('../../agents/reader.ts')
  return createReader(loadLibrary(config.dataDir), { hookRecords: hookPaths(config.dataDir).records })
}
