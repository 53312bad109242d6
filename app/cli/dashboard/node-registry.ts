import type { Server } from 'node:http'
import type { DirectLinks } from '../../../distributed/hub/direct-links.ts'
import { NodeHub, type NodeRegistry } from '../../../distributed/hub/node-hub.ts'
import { reportSchema } from '../../../distributed/protocol/report.ts'
import type { Web } from '../../http/web.ts'
import { authenticateNode } from '../../nodes/authenticate.ts'
import { noteHeartbeat, noteLost } from '../../nodes/hearing.ts'
import { redeemJoinToken } from '../../nodes/join.ts'
import { issueNodeKey } from '../../nodes/keys.ts'
import type { NodeTools } from '../../nodes/tools.ts'
import { findNode } from '../../db/node/read.ts'

/** Where nodes connect to this dashboard; one that is revoked is cut off. */
export function openNodeHub(server: Server, { nodes, keys, log }: Web, links: DirectLinks): NodeHub {
  const registry = nodeRegistry(nodes)
  const hub = new NodeHub(server, { registry, secret: keys.tokens, links, log: log.json })
  nodes.watch.onEnded((id) => hub.disconnect(id))
  nodes.watch.onLook((id, everyMs) => hub.sampleEvery(id, everyMs))
  return hub
}

/** What the records of this dashboard say to nodes that connect. */
function nodeRegistry(nodes: NodeTools): NodeRegistry {
  const { clock } = nodes
  return {
    join: (message) => redeemJoinToken(nodes, message),
    async admit({ key, name, protocol, agentVersion, now }) {
      const clockOffsetMs = now - clock.now()
      return authenticateNode(nodes, { key, name, protocol, agentVersion, clockOffsetMs })
    },
    async report(id, report) {
      const { samples, facts, now } = reportSchema.parse(report)
      const clockOffsetMs = now - clock.now()
      const { intervalMs, sampleEveryMs, rotateKey } = await noteHeartbeat(nodes, id, {
        samples,
        clockOffsetMs,
        ...(facts && { facts }),
      })
      const node = rotateKey ? await findNode(nodes.database.kysely, id) : null
      return {
        everyMs: intervalMs,
        sampleEveryMs,
        ...(node && { newKey: await issueNodeKey(nodes, node) }),
      }
    },
    lost: (id, how) => noteLost(nodes, id, how),
  }
}
