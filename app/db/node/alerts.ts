import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { AlertKind, NodeAlert } from '../../core/node-alert.ts'
import type { NodeId } from '../../core/node.ts'
import { appendEvent } from '../events.ts'
import type { Db, NodeAlertRow } from '../schema.ts'

/** The newest comes first; open ones only, or those of one node, when asked for. */
export async function listAlerts(
  db: Db,
  filter: { open?: boolean; nodeId?: NodeId; limit?: number } = {},
): Promise<NodeAlert[]> {
  let query = db.selectFrom('node_alerts').selectAll().orderBy('id', 'desc')
  if (filter.open) query = query.where('state', '=', 'open')
  if (filter.nodeId !== undefined) query = query.where('node_id', '=', filter.nodeId)
  return (await query.limit(filter.limit ?? 1_000).execute()).map(toAlert)
}

/**
 * Each is an event of its own, which notifications follow. Does nothing where the same is open already: another
 * dashboard was faster.
 */
export async function raiseAlert(
  db: Db,
  alert: { nodeId: NodeId; node: string; kind: AlertKind; says: string },
  now: EpochMs,
): Promise<void> {
  const { nodeId, node, kind, says } = alert
  const open = await db
    .selectFrom('node_alerts')
    .select('id')
    .where('node_id', '=', nodeId)
    .where('kind', '=', kind)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (open) return
  const { id } = await db
    .insertInto('node_alerts')
    .values({ node_id: nodeId, kind, state: 'open', says, raised_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  appendEvent(db, { at: now, noun: 'alert', nounId: String(id), type: 'raise', data: { node, kind, says } })
}

/** Does nothing when it has ended already. */
export async function endAlert(
  db: Db,
  { id, node, reason }: { id: number; node: string; reason: string },
  now: EpochMs,
): Promise<void> {
  const row = await db
    .updateTable('node_alerts')
    .set({ state: 'ended', ended_at: now, ended_reason: reason })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning(['kind', 'says'])
    .executeTakeFirst()
  if (!row) return
  const data = { node, kind: row.kind, says: row.says, reason }
  appendEvent(db, { at: now, noun: 'alert', nounId: String(id), type: 'end', data })
}

export async function forgetAlerts(db: Db, before: EpochMs): Promise<void> {
  await db.deleteFrom('node_alerts').where('state', '=', 'ended').where('ended_at', '<', before).execute()
}

function toAlert(row: Selectable<NodeAlertRow>): NodeAlert {
  return {
    id: row.id,
    nodeId: row.node_id,
    kind: row.kind,
    state: row.state,
    says: row.says,
    raisedAt: row.raised_at,
    endedAt: row.ended_at,
    endedReason: row.ended_reason,
  }
}
