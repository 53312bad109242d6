import { AppError } from '../core/errors.ts'
import { nodeKeyPrefix } from '../core/join-token.ts'
import type { Node, NodeFacts, NodeId } from '../core/node.ts'
import { findNodeKey, markKeyUsed } from '../db/node/keys.ts'
import { introduceNode } from '../db/node/write.ts'
import { requireProtocol } from './protocol.ts'
import { hashOf } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

/** Who a connection says it is. */
export interface NodeCredentials {
  key: string
  /** As which node it wants to speak; refused when the key is another one's. */
  id?: NodeId
  name?: string
  /** null: it speaks plain HTTP, which has no version; what is known stays. */
  protocol: number | null
  agentVersion: string | null
  /** Its clock minus ours, where it said the time. */
  clockOffsetMs?: number
  facts?: NodeFacts
}

/** A key's last use is stored at most this often, in ms. */
const useStepMs = 60_000

/**
 * The node that a key belongs to. Throws `unauthorized` for a wrong or ended key, `forbidden` for another node's
 * name or id and for a revoked node, `conflict` for a protocol that is not understood (it says which side to
 * upgrade).
 */
export async function authenticateNode(
  { database, clock }: NodeRecords,
  credentials: NodeCredentials,
): Promise<Node> {
  const { key: secret, protocol, agentVersion, facts, clockOffsetMs } = credentials
  const found = secret.startsWith(nodeKeyPrefix) ? await findNodeKey(database.kysely, hashOf(secret)) : null
  if (!found) {
    throw new AppError('unauthorized', `No node has that key; perhaps it was removed. ${joinAgain}`)
  }
  const { key, node } = found
  if (node.state === 'revoked') {
    throw new AppError('forbidden', `${node.name} was revoked. ${joinAgain} --name ${node.name}`)
  }
  if (key.endedAt !== null) {
    throw new AppError(
      'unauthorized',
      `That key of ${node.name} has ended: ${key.endedReason}. ${joinAgain} --name ${node.name}`,
    )
  }
  requireSame(node, credentials)
  if (protocol !== null) requireProtocol(node.name, protocol, agentVersion)
  const now = clock.now()
  const said = {
    ...(agentVersion !== null && { agentVersion }),
    ...(protocol !== null && { protocol }),
    ...(clockOffsetMs !== undefined && { clockOffsetMs }),
    ...(facts && { facts }),
  }
  const isNews =
    facts !== undefined ||
    (agentVersion !== null && agentVersion !== node.agentVersion) ||
    (protocol !== null && protocol !== node.protocol)
  if (isNews || key.usedAt === null || now - key.usedAt >= useStepMs) {
    await database.write(async (db) => {
      await markKeyUsed(db, key, now)
      await introduceNode(db, node.id, said)
    })
  }
  return { ...node, ...said }
}

const joinAgain = 'Invite the machine where the dashboard runs: ./deploy.sh nodes invite'

function requireSame(node: Node, { id, name }: NodeCredentials) {
  const isOther = (id !== undefined && id !== node.id) || (name !== undefined && !isNamed(node, name))
  if (!isOther) return
  const wanted = name ?? `node ${id}`
  throw new AppError('forbidden', `That is the key of ${node.name}: it can't speak for ${wanted}.`)
}

function isNamed(node: Node, name: string): boolean {
  return node.name.toLowerCase() === name.toLowerCase()
}
