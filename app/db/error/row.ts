import type { Selectable } from 'kysely'
import type { ErrorGroup, ErrorSample, ErrorState, ReportedError } from '../../core/reported-error.ts'
import { fromJson } from '../columns.ts'
import type { ErrorGroupRow, ErrorRow, ErrorSampleRow } from '../schema.ts'

export function toReportedError(row: Selectable<ErrorRow> & { state: ErrorState }): ReportedError {
  return {
    id: row.id,
    groupId: row.group_id,
    errorType: row.error_type,
    message: row.message,
    source: row.source,
    count: row.count,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    node: row.node,
    state: row.state,
  }
}

export function toErrorGroup(row: Selectable<ErrorGroupRow> & { nodes: number }): ErrorGroup {
  return {
    id: row.id,
    state: row.state,
    fingerprint: row.fingerprint,
    fingerprintVersion: row.fingerprint_version,
    errorType: row.error_type,
    message: row.message,
    source: row.source,
    count: row.count,
    errors: row.listed,
    unlisted: row.unlisted,
    nodes: row.nodes,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    firstNode: row.first_node,
    lastNode: row.last_node,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    promptId: row.prompt_id,
  }
}

export function toErrorSample(row: Selectable<ErrorSampleRow>): ErrorSample {
  const { kind, at, node, session, message, stack, metadata } = row
  return { kind, at, node, session, message, stack, metadata: fromJson(metadata) }
}
