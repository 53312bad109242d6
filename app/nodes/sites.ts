import type { AgentReader } from '../core/agent.ts'
import type { Clock } from '../core/clock.ts'
import type { OpenSite, OpenSites } from '../core/site.ts'
import type { DirectLinks } from '../../distributed/hub/direct-links.ts'
import { openRemoteSite } from '../../distributed/remote/remote-site.ts'
import type { NodeWatch } from './watch.ts'

export interface SitesOptions {
  here: OpenSite
  /** To the nodes that are connected to this process. */
  links: DirectLinks
  watch: Pick<NodeWatch, 'nodes'>
  clock: Clock
  /** What our rules say of agents, wherever they run. */
  rules: Pick<AgentReader, 'profileOf' | 'dialogKeysOf'>
}

/** This machine, and every node that the records know or that is connected. */
export function openSites({ here, links, watch, clock, rules }: SitesOptions): OpenSites {
  const elsewhere = new Map<string, OpenSite>()

  function open(node: string, seenAt?: number): OpenSite {
    const link = links.to(node, seenAt)
    const { host, reader, terminals, launcher } = openRemoteSite(link, clock, rules)
    return {
      host,
      reader,
      terminals,
      launcher,
      get awaySince() {
        return link.awaySince
      },
    }
  }

  return {
    here,
    find(node) {
      if (node === here.host.node) return here
      const known = elsewhere.get(node)
      if (known) return known
      const record = watch.nodes().find(({ name }) => name === node)
      if (!record && !links.has(node)) return undefined
      const site = open(node, record?.seenAt ?? record?.createdAt)
      elsewhere.set(node, site)
      return site
    },
    onReturn: (listener) => links.onUp(listener),
  }
}
