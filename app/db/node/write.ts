import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  mostNodes,
  nodeEvents,
  type Node,
  type NodeEvent,
  type NodeFacts,
  type NodeId,
  type NodeKind,
  type NodeLimits,
  type NodeSsh,
} from '../../core/node.ts'
import { toFlag, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { countNodes, findNode, getNode } from './read.ts'
import { toNode } from './row.ts'

export interface NewNode {
  name: string
  kind: NodeKind
  tags: readonly string[]
  facts?: NodeFacts
  ssh?: NodeSsh
}

/** Throws `conflict` when the name is taken, or there are too many. */
export async function addNode(db: Db, node: NewNode, now: EpochMs): Promise<Node> {
  const { name, kind, tags, facts, ssh } = node
  const other = await findNode(db, name)
  if (other) throw new AppError('conflict', `There is a node "${other.name}" already. Take another name.`)
  if ((await countNodes(db)) >= mostNodes) {
    throw new AppError('limited', `There are ${mostNodes} nodes already; remove some that are gone.`)
  }
  const row = await db
    .insertInto('nodes')
    .values({
      name,
      name_key: name.toLowerCase(),
      kind,
      state: 'expected',
      reason: null,
      since: now,
      tags: toJson([...tags]),
      facts: toJson({ ...facts }),
      limits: toJson({}),
      ssh: toJson({ ...ssh }),
      agent_version: null,
      protocol: null,
      clock_offset_ms: null,
      maintenance_until: null,
      pressure: null,
      cpu_percent: null,
      created_at: now,
      first_seen_at: null,
      seen_at: null,
      rotate_key: 0,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  appendEvent(db, { at: now, noun: 'node', nounId: String(row.id), type: 'add', data: { name, kind, tags } })
  return toNode(row)
}

/** One event of its life; null when it was in no state for it, which changes nothing. */
export async function advanceNode(
  db: Db,
  id: NodeId,
  event: NodeEvent,
  reason: string | null,
  now: EpochMs,
): Promise<Node | null> {
  const { from, to } = nodeEvents[event]
  const row = await db
    .updateTable('nodes')
    .set({ state: to, reason, since: now, ...(event === 'hear' && { seen_at: now }) })
    .where('id', '=', id)
    .where('state', 'in', from)
    .returningAll()
    .executeTakeFirst()
  if (!row) return null
  if (row.first_seen_at === null && event === 'hear') {
    await db.updateTable('nodes').set({ first_seen_at: now }).where('id', '=', id).execute()
  }
  const data = { name: row.name, state: to, ...(reason !== null && { reason }) }
  appendEvent(db, { at: now, noun: 'node', nounId: String(id), type: event, data })
  return toNode(row)
}

/** What people settle about a node; what is left out stays. */
export interface NodeSettings {
  tags?: readonly string[]
  limits?: NodeLimits
  ssh?: NodeSsh
  maintenanceUntil?: EpochMs | null
}

export async function changeNode(db: Db, id: NodeId, change: NodeSettings, now: EpochMs): Promise<Node> {
  const { tags, limits, ssh, maintenanceUntil } = change
  const set = {
    ...(tags && { tags: toJson([...tags]) }),
    ...(limits && { limits: toJson<Partial<NodeLimits>>(limits) }),
    ...(ssh && { ssh: toJson<Partial<NodeSsh>>(ssh) }),
    ...(maintenanceUntil !== undefined && { maintenance_until: maintenanceUntil }),
  }
  if (Object.keys(set).length === 0) return getNode(db, id)
  await db.updateTable('nodes').set(set).where('id', '=', id).execute()
  const node = await getNode(db, id)
  const data = { name: node.name, ...change }
  appendEvent(db, { at: now, noun: 'node', nounId: String(id), type: 'change', data })
  return node
}

/** What a node says about itself when it connects. */
export interface NodeIntroduction {
  kind?: NodeKind
  facts?: NodeFacts
  agentVersion?: string | null
  protocol?: number | null
  clockOffsetMs?: number | null
}

export async function introduceNode(db: Db, id: NodeId, said: NodeIntroduction): Promise<void> {
  const { kind, facts, agentVersion, protocol, clockOffsetMs } = said
  const set = {
    ...(kind && { kind }),
    ...(facts && { facts: toJson<Partial<NodeFacts>>(facts) }),
    ...(agentVersion !== undefined && { agent_version: agentVersion }),
    ...(protocol !== undefined && { protocol }),
    ...(clockOffsetMs !== undefined && { clock_offset_ms: clockOffsetMs && Math.round(clockOffsetMs) }),
  }
  if (Object.keys(set).length > 0) await db.updateTable('nodes').set(set).where('id', '=', id).execute()
}

/** Several nodes were heard until now. No event: it happens every few seconds. */
export async function markSeen(db: Db, ids: readonly NodeId[], now: EpochMs): Promise<void> {
  if (ids.length === 0) return
  await db
    .updateTable('nodes')
    .set({ seen_at: now })
    .where('id', 'in', [...ids])
    .where('state', '=', 'online')
    .execute()
}

/** How loaded it is, for whoever chooses between nodes; a new reason to spare it is an event. */
export async function setNodeLoad(
  db: Db,
  id: NodeId,
  load: { cpuPercent: number | null; pressure: string | null },
  was: { pressure: string | null },
  now: EpochMs,
): Promise<void> {
  const row = await db
    .updateTable('nodes')
    .set({ cpu_percent: load.cpuPercent, pressure: load.pressure })
    .where('id', '=', id)
    .returning('name')
    .executeTakeFirst()
  if (!row || was.pressure === load.pressure) return
  const data = { name: row.name, pressure: load.pressure }
  appendEvent(db, { at: now, noun: 'node', nounId: String(id), type: 'pressure', data })
}

export async function askForNewKey(db: Db, { id, name }: Node, wanted: boolean, now: EpochMs): Promise<void> {
  await db
    .updateTable('nodes')
    .set({ rotate_key: toFlag(wanted) })
    .where('id', '=', id)
    .execute()
  if (wanted) {
    appendEvent(db, { at: now, noun: 'node', nounId: String(id), type: 'rotate_key', data: { name } })
  }
}

/** Removes a machine with its keys and alerts. Its sessions are for whoever calls. */
export async function removeNode(db: Db, { id, name }: Node, now: EpochMs): Promise<void> {
  await db.deleteFrom('node_keys').where('node_id', '=', id).execute()
  await db.deleteFrom('node_alerts').where('node_id', '=', id).execute()
  await db.deleteFrom('nodes').where('id', '=', id).execute()
  appendEvent(db, { at: now, noun: 'node', nounId: String(id), type: 'remove', data: { name } })
}
