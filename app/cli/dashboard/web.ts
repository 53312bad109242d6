import type { DirectLinks } from '../../../distributed/hub/direct-links.ts'
import { withSimulated } from '../../../distributed/simulator/simulated-rules.ts'
import { readSigningKeys } from '../../accounts/secret.ts'
import type { Context } from '../../context.ts'
import type { Web } from '../../http/web.ts'
import { dashboardHere } from '../../launch/dashboard.ts'
import { launcherHere } from '../../launch/launcher.ts'
import type { Nodes } from '../../nodes/open.ts'
import { openSites } from '../../nodes/sites.ts'
import { openVaultKeys } from '../../vault/tools.ts'

/** What routes, pages and sockets of a dashboard work with; `links`: to the nodes that connect to it. */
export function openWeb(context: Context, nodes: Nodes, links: DirectLinks): Web {
  const { terminals, ...shared } = context
  const { config, library, host, reader, clock, database } = shared
  const launcher = launcherHere({
    config,
    library,
    async findTools() {
      const url = await dashboardHere(database.kysely, clock.now())
      return url === null ? 'program' : { url }
    },
  })
  const here = { host, reader, terminals, launcher, awaySince: null }
  return {
    ...shared,
    nodes,
    sites: openSites({ here, links, watch: nodes.watch, clock, rules: withSimulated(reader) }),
    keys: readSigningKeys(config),
    vault: openVaultKeys(config),
    startedAt: clock.now(),
  }
}
