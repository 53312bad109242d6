import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { HubSites } from '../distributed/remote/hub-sites.ts'
import { withSimulated } from '../distributed/simulator/simulated-rules.ts'
import { readSigningKeys } from '../app/accounts/secret.ts'
import { LocalFleet } from '../app/agents/local-fleet.ts'
import { Assigner } from '../app/broker/assigner.ts'
import { announceProcess } from '../app/broker/presence.ts'
import { runSideDuties } from '../app/broker/side-duties.ts'
import { endsWith } from '../app/core/signals.ts'
import type { OfficeTools } from '../app/broker/tools.ts'
import type { Context } from '../app/context.ts'
import type { HookInbox } from '../app/core/hook.ts'
import type { Site } from '../app/core/site.ts'
import { localCheckouts } from '../app/hosts/git.ts'
import { findHub } from '../app/nodes/find-hub.ts'
import { openSpool } from '../app/hooks/spool.ts'
import { packageVersion } from '../app/version.ts'

/** Works until `signal` aborts: looks, assigns, follows. Nothing in tmux ends with it. */
export async function runAssigner(
  context: AssignerContext,
  signal: AbortSignal,
  own: Pick<OfficeTools, 'decide' | 'decidePermission'> = {},
): Promise<void> {
  const tools = { ...toolsOf(context), ...own }
  const about = {
    id: tools.owner,
    kind: 'assigner',
    pid: process.pid,
    host: hostname(),
    version: packageVersion(),
    address: null,
  }
  await using _presence = await announceProcess(tools, about)
  await using hooks = await openSpool({ dataDir: context.config.dataDir, log: context.log.json })
  using side = endsWith(signal)
  const here = siteHere(context, hooks)
  const sideDuties = runSideDuties({ ...tools, ...here }, side.signal)
  try {
    await using elsewhere = sitesElsewhere(context)
    await new Assigner(tools, here, elsewhere).run(signal)
  } finally {
    side.end()
    await sideDuties
  }
}

function siteHere({ host, reader, clock, log }: AssignerContext, hooks: HookInbox): Site {
  const eyes = { host, reader, clock, log: log.json }
  return {
    host,
    reader,
    checkouts: localCheckouts,
    hooks,
    watch: (listeners) => new LocalFleet(eyes, listeners),
  }
}

function toolsOf({ database, clock, log, config }: AssignerContext): OfficeTools {
  return {
    database: database.by({ kind: 'worker', name: 'assigner', address: null }),
    clock,
    log: log.json,
    progress: (line) => log.progress(line, clock.now()),
    owner: `${config.node}-${process.pid}-${randomBytes(4).toString('hex')}`,
    dataDir: config.dataDir,
  }
}

/** The other nodes, through whichever dashboard works on this data folder. */
function sitesElsewhere(context: AssignerContext): HubSites {
  const { config, clock, reader, log } = context
  return new HubSites({
    as: 'assigner',
    findHub: () => findHub(context),
    secret: readSigningKeys(config).tokens,
    clock,
    rules: withSimulated(reader),
    log: log.json,
  })
}

type AssignerContext = Omit<Context, 'terminals'>
