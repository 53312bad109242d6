import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { nodeKeyPrefix, readInvitation } from '../core/join-token.ts'
import type { JoinToken, Node, NodeFacts, NodeId } from '../core/node.ts'
import { findJoinToken, useJoinToken } from '../db/node/join-tokens.ts'
import { addNodeKey, endNodeKeys, listNodeKeys } from '../db/node/keys.ts'
import { findNode } from '../db/node/read.ts'
import { addNode, advanceNode, changeNode, introduceNode } from '../db/node/write.ts'
import type { Db } from '../db/schema.ts'
import { requireNodeName } from './invite.ts'
import { requireProtocol } from './protocol.ts'
import { hashOf, makeSecret } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

export interface JoinRequest {
  /** The whole invitation, or its secret alone. */
  token: string
  name: string
  protocol: number
  agentVersion: string | null
  facts?: NodeFacts
}

/** `key` is shown this once; the node keeps it. */
export interface Joined {
  nodeId: NodeId
  name: string
  key: string
}

/**
 * Takes a machine in for an invitation, which is worth nothing afterwards. Throws `unauthorized` for a wrong,
 * expired or used one, `conflict` for a name that belongs to another machine, and for a protocol that is not
 * understood; nothing has changed then.
 */
export async function redeemJoinToken(
  { database, clock }: NodeRecords,
  request: JoinRequest,
): Promise<Joined> {
  requireNodeName(request.name)
  requireProtocol(request.name, request.protocol, request.agentVersion)
  const { secret } = readInvitation(request.token)
  const { secret: key, ...stored } = makeSecret(nodeKeyPrefix)
  const now = clock.now()
  const node = await database.write(async (db) => {
    const token = await requireToken(db, secret, now)
    const joining = await nodeFor(db, token, request, now)
    if (!(await useJoinToken(db, token.id, joining.id, now))) throw used(token)
    await endNodeKeys(db, joining, 'it joined again', now)
    await addNodeKey(db, joining, stored, now)
    const { facts, agentVersion, protocol } = request
    await introduceNode(db, joining.id, { kind: 'agent', agentVersion, protocol, ...(facts && { facts }) })
    return joining
  })
  return { nodeId: node.id, name: node.name, key }
}

async function requireToken(db: Db, secret: string, now: EpochMs): Promise<JoinToken> {
  const token = await findJoinToken(db, hashOf(secret))
  if (!token) {
    throw new AppError('unauthorized', `This dashboard never made that invitation. ${makeAnother}`)
  }
  if (token.usedAt !== null) throw used(token)
  if (token.expiresAt <= now) {
    throw new AppError('unauthorized', `That invitation ended; each is good for 15 minutes. ${makeAnother}`)
  }
  return token
}

const makeAnother = 'Make another one where the dashboard runs: ./deploy.sh nodes invite'

function used(token: JoinToken): AppError {
  return new AppError(
    'unauthorized',
    `The invitation ${token.hint}… was used already; each is good for one machine. ${makeAnother}`,
  )
}

/** The record that the machine gets: a new one, or that which its invitation was made for. */
async function nodeFor(db: Db, token: JoinToken, { name }: JoinRequest, now: EpochMs): Promise<Node> {
  const isNamed = token.name?.toLowerCase() === name.toLowerCase()
  if (token.name !== null && !isNamed) {
    throw new AppError(
      'conflict',
      `That invitation is for the node ${token.name}, not for ${name}. Start the agent with --name ${token.name}.`,
    )
  }
  const known = await findNode(db, name)
  if (!known) return addNode(db, { name, kind: 'agent', tags: token.tags }, now)
  if (known.kind === 'dashboard') {
    throw new AppError(
      'conflict',
      `${known.name} is the dashboard's own machine, which needs no agent. Give this machine another name: --name.`,
    )
  }
  if (!isNamed && (await wasGivenKey(db, known))) throw taken(known)
  if (known.state === 'revoked') await advanceNode(db, known.id, 'readmit', 'it was invited again', now)
  const tags = [...new Set([...known.tags, ...token.tags])]
  return tags.length > known.tags.length ? changeNode(db, known.id, { tags }, now) : known
}

/** Nobody can have its name without an invitation for it, from the moment that somebody proves to have it. */
async function wasGivenKey(db: Db, { id }: Node): Promise<boolean> {
  return (await listNodeKeys(db, id)).length > 0
}

function taken({ name, state }: Node): AppError {
  const what = state === 'revoked' ? ', and it was revoked' : ''
  return new AppError(
    'conflict',
    `There is a node ${name} already${what}. Start the agent with another --name; if this is that machine, ` +
      `invite it by its name: ./deploy.sh nodes invite --name ${name}`,
  )
}
