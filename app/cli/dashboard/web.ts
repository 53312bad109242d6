import type { DirectLinks } from '../../../distributed/hub/direct-links.ts'
import { withSimulated } from '../../../distributed/simulator/simulated-rules.ts'
import { readSigningKeys } from '../../accounts/secret.ts'
import type { Context } from '../../context.ts'
import { openErrorIntake } from '../../errors/intake.ts'
import { messageOf } from '../../core/errors.ts'
import type { Web } from '../../http/web.ts'
import { dashboardHere } from '../../launch/dashboard.ts'
import { launcherHere } from '../../launch/launcher.ts'
import type { Nodes } from '../../nodes/open.ts'
import { openSites } from '../../nodes/sites.ts'
import { openVaultKeys } from '../../vault/tools.ts'
import { KeptServices } from './kept-services.ts'

/**
 * What routes, pages and sockets of a dashboard work with; `links`: to the nodes that connect to it. Its `errors` are
 * to be closed before the database.
 */
export function openWeb(
  context: Context,
  nodes: Nodes,
  links: DirectLinks,
): Web & { services: KeptServices } {
  const { terminals, ...shared } = context
  const { config, library, host, reader, clock, database, log } = shared
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
    errors: openErrorIntake(database, clock, (error) => {
      log.json.warn({ err: error }, `errors that were reported could not be counted: ${messageOf(error)}`)
    }),
    sites: openSites({ here, links, watch: nodes.watch, clock, rules: withSimulated(reader) }),
    keys: readSigningKeys(config),
    vault: openVaultKeys(config),
    services: new KeptServices({ config, database, clock, log }),
    startedAt: clock.now(),
  }
}
