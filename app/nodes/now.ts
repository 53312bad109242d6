import type { Node, NodeId } from '../core/node.ts'
import { countSessionsByNode } from '../db/sessions.ts'
import type { Db } from '../db/schema.ts'
import type { Latest, NodeWatch } from './watch.ts'

/** A node and how it is doing. */
export interface NodeNow extends Node {
  sessions: number
  latest: Latest | null
}

export async function nodesNow(db: Db, watch: NodeWatch | null, nodes: readonly Node[]): Promise<NodeNow[]> {
  const counts = await countSessionsByNode(
    db,
    nodes.map(({ name }) => name),
  )
  const latest = (id: NodeId) => watch?.latest(id) ?? null
  return nodes.map((node) => ({ ...node, sessions: counts.get(node.name) ?? 0, latest: latest(node.id) }))
}
