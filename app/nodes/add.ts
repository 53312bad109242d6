import { nodeKeyPrefix } from '../core/join-token.ts'
import type { Node, NodeSsh } from '../core/node.ts'
import { addNodeKey } from '../db/node/keys.ts'
import { addNode } from '../db/node/write.ts'
import { requireNodeName, requireTags } from './invite.ts'
import { makeSecret } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

/** A machine that has no node agent: a script there posts its heartbeats with the key, which is shown this once. */
export async function addScriptNode(
  { database, clock }: NodeRecords,
  { name, tags, ssh }: { name: string; tags: readonly string[]; ssh: NodeSsh },
): Promise<{ node: Node; key: string }> {
  requireNodeName(name)
  requireTags(tags)
  const { secret, ...stored } = makeSecret(nodeKeyPrefix)
  const now = clock.now()
  const node = await database.write(async (db) => {
    const added = await addNode(db, { name, kind: 'script', tags, ssh }, now)
    await addNodeKey(db, added, stored, now)
    return added
  })
  return { node, key: secret }
}
