import type { Selectable } from 'kysely'
import { noFacts, usualNodeLimits, type JoinToken, type Node, type NodeKey } from '../../core/node.ts'
import { fromJson } from '../columns.ts'
import type { JoinTokenRow, NodeKeyRow, NodeRow } from '../schema.ts'

export function toNode(row: Selectable<NodeRow>): Node {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    reason: row.reason,
    since: row.since,
    tags: fromJson(row.tags),
    facts: { ...noFacts, ...fromJson(row.facts) },
    limits: { ...usualNodeLimits, ...fromJson(row.limits) },
    ssh: { host: null, port: null, user: null, ...fromJson(row.ssh) },
    agentVersion: row.agent_version,
    protocol: row.protocol,
    clockOffsetMs: row.clock_offset_ms,
    maintenanceUntil: row.maintenance_until,
    pressure: row.pressure,
    cpuPercent: row.cpu_percent,
    createdAt: row.created_at,
    firstSeenAt: row.first_seen_at,
    seenAt: row.seen_at,
    rotateKey: row.rotate_key === 1,
  }
}

export function toNodeKey(row: Selectable<NodeKeyRow>): NodeKey {
  return {
    id: row.id,
    nodeId: row.node_id,
    hint: row.hint,
    createdAt: row.created_at,
    usedAt: row.used_at,
    endedAt: row.ended_at,
    endedReason: row.ended_reason,
  }
}

export function toJoinToken(row: Selectable<JoinTokenRow>): JoinToken {
  return {
    id: row.id,
    hint: row.hint,
    name: row.name,
    tags: fromJson(row.tags),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    nodeId: row.node_id,
  }
}
