import { AppError } from '../core/errors.ts'
import { nodeKeyPrefix } from '../core/join-token.ts'
import type { Node } from '../core/node.ts'
import { addNodeKey, endNodeKeys } from '../db/node/keys.ts'
import { advanceNode, askForNewKey } from '../db/node/write.ts'
import { makeSecret } from './secrets.ts'
import type { NodeRecords } from './tools.ts'

/**
 * Another key for a node, shown this once. The ones before it end when it is used for the first time, so that
 * a node that never got it is not locked out.
 */
export async function issueNodeKey({ database, clock }: NodeRecords, node: Node): Promise<string> {
  refuseOwn(node)
  const { secret, ...stored } = makeSecret(nodeKeyPrefix)
  const now = clock.now()
  await database.write(async (db) => {
    await addNodeKey(db, node, stored, now)
    await askForNewKey(db, node, false, now)
    if (node.state === 'revoked') await advanceNode(db, node.id, 'readmit', 'it got a new key', now)
  })
  return secret
}

/** A node agent gets another key over its connection, as soon as it has one. */
export async function rotateNodeKey({ database, clock }: NodeRecords, node: Node): Promise<void> {
  refuseOwn(node)
  if (node.state === 'revoked') {
    throw new AppError(
      'conflict',
      `${node.name} is revoked and has no key to replace. Invite it again: ./deploy.sh nodes invite --name ${node.name}`,
    )
  }
  await database.write((db) => askForNewKey(db, node, true, clock.now()))
}

/** Ends a machine's keys at once; it can join again only with an invitation made for it. */
export async function revokeNode(
  { database, clock }: NodeRecords,
  node: Node,
  reason: string | null,
): Promise<void> {
  refuseOwn(node)
  const now = clock.now()
  await database.write(async (db) => {
    await endNodeKeys(db, node, 'the node was revoked', now)
    await askForNewKey(db, node, false, now)
    await advanceNode(db, node.id, 'revoke', reason, now)
  })
}

function refuseOwn({ kind, name }: Node) {
  if (kind !== 'dashboard') return
  throw new AppError(
    'conflict',
    `${name} is the dashboard's own machine: it has no key and can't be shut out.`,
  )
}
