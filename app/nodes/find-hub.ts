import type { Config } from '../config.ts'
import { getDashboardPlace } from '../db/settings.ts'
import type { Database } from '../db/open.ts'
import { pinnedCertificate } from '../../distributed/agent/join.ts'
import type { HubAddress } from '../../distributed/remote/hub-sites.ts'
import { runningInstance } from '../single-instance.ts'
import { dashboardPlaceSchema } from './dashboard-address.ts'

/** The dashboard that works on this data folder, as other programs of this machine reach its nodes; null: none runs. */
export async function findHub({
  config,
  database,
}: {
  config: Pick<Config, 'dataDir'>
  database: Database
}): Promise<HubAddress | null> {
  const url = runningInstance(config.dataDir, 'dashboard')?.address
  if (url === undefined || url.startsWith('http:')) return url === undefined ? null : { url }
  const { fingerprint } = dashboardPlaceSchema.parse(await getDashboardPlace(database.kysely))
  return fingerprint === null ? null : { url, ca: await pinnedCertificate(url, fingerprint) }
}
