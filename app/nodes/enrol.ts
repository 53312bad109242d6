import { nodeKeyPrefix } from '../core/join-token.ts'
import { addNodeKey, endNodeKeys } from '../db/node/keys.ts'
import { findNode } from '../db/node/read.ts'
import { addNode, advanceNode, introduceNode } from '../db/node/write.ts'
import { requireNodeName, requireTags } from './invite.ts'
import { makeSecret } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

/** Nodes of one transaction: nobody else waits longer than some ten milliseconds. */
const atOnce = 20

/**
 * Gives each of these names a key of its own, as if it had been invited and had joined: for whoever works on the
 * dashboard's own data folder and would otherwise write a thousand invitations to itself. Their keys, in their order;
 * a node that is there already has only this one from now on.
 */
export async function enrolNodes(
  { database, clock }: NodeRecords,
  names: readonly string[],
  tags: readonly string[],
): Promise<string[]> {
  names.forEach(requireNodeName)
  requireTags(tags)
  const secrets = names.map(() => makeSecret(nodeKeyPrefix))
  for (let from = 0; from < names.length; from += atOnce) {
    const now = clock.now()
    await database.write(async (db) => {
      for (const [index, name] of names.slice(from, from + atOnce).entries()) {
        const { secret: _, ...stored } = secrets[from + index]!
        const node = (await findNode(db, name)) ?? (await addNode(db, { name, kind: 'agent', tags }, now))
        if (node.state === 'revoked') await advanceNode(db, node.id, 'readmit', 'it was enrolled again', now)
        await endNodeKeys(db, node, 'it was enrolled again', now)
        await addNodeKey(db, node, stored, now)
        await introduceNode(db, node.id, { kind: 'agent' })
      }
    })
  }
  return secrets.map(({ secret }) => secret)
}
