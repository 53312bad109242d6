import type { EpochMs } from '../../core/clock.ts'
import type { Node, NodeId, NodeKey } from '../../core/node.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toNode, toNodeKey } from './row.ts'

/** A key works beside the older ones until it was used for the first time. */
export async function addNodeKey(
  db: Db,
  node: Pick<Node, 'id' | 'name'>,
  { secretHash, hint }: { secretHash: string; hint: string },
  now: EpochMs,
): Promise<NodeKey> {
  const row = await db
    .insertInto('node_keys')
    .values({ node_id: node.id, secret_hash: secretHash, hint, created_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { name: node.name, key: row.id, hint }
  appendEvent(db, { at: now, noun: 'node', nounId: String(node.id), type: 'add_key', data })
  return toNodeKey(row)
}

/** The newest comes first. */
export async function listNodeKeys(db: Db, nodeId: NodeId): Promise<NodeKey[]> {
  const rows = await db
    .selectFrom('node_keys')
    .selectAll()
    .where('node_id', '=', nodeId)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(toNodeKey)
}

/** A key that was given out at some time, with its node; null: never. */
export async function findNodeKey(db: Db, secretHash: string): Promise<{ key: NodeKey; node: Node } | null> {
  const row = await db
    .selectFrom('node_keys')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
  if (!row) return null
  const node = await db.selectFrom('nodes').selectAll().where('id', '=', row.node_id).executeTakeFirst()
  return node ? { key: toNodeKey(row), node: toNode(node) } : null
}

/** The first use of a key ends those that it takes the place of. */
export async function markKeyUsed(db: Db, key: NodeKey, now: EpochMs): Promise<void> {
  await db.updateTable('node_keys').set({ used_at: now }).where('id', '=', key.id).execute()
  if (key.usedAt !== null) return
  await db
    .updateTable('node_keys')
    .set({ ended_at: now, ended_reason: 'a newer key took its place' })
    .where('node_id', '=', key.nodeId)
    .where('id', '<', key.id)
    .where('ended_at', 'is', null)
    .execute()
}

/** All keys of a node are worth nothing from here on; returns how many were. */
export async function endNodeKeys(
  db: Db,
  node: Pick<Node, 'id' | 'name'>,
  reason: string,
  now: EpochMs,
): Promise<number> {
  const ended = await db
    .updateTable('node_keys')
    .set({ ended_at: now, ended_reason: reason })
    .where('node_id', '=', node.id)
    .where('ended_at', 'is', null)
    .returning('id')
    .execute()
  if (ended.length > 0) {
    const data = { name: node.name, reason, count: ended.length }
    appendEvent(db, { at: now, noun: 'node', nounId: String(node.id), type: 'end_keys', data })
  }
  return ended.length
}
