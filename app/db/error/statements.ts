import { sql } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { ErrorId } from '../../core/reported-error.ts'
import { compileOnce } from '../hot.ts'

/** What counts an occurrence: each runs many times a second. */

export const raiseGroup = compileOnce(
  (db, p: { fingerprint: string; count: number; at: EpochMs; node: string }) =>
    db
      .updateTable('error_groups')
      .set({
        count: sql<number>`count + ${p.count}`,
        last_seen_at: p.at,
        last_node: p.node,
      })
      .where('fingerprint', '=', p.fingerprint)
      .returning(['id', 'state', 'count', 'listed']),
)

export interface NewGroupRow {
  id: ErrorId
  fingerprint: string
  fingerprintVersion: number
  errorType: string
  message: string
  source: string
  count: number
  at: EpochMs
  lastAt: EpochMs
  node: string
  lastNode: string
}

export const insertGroup = compileOnce((db, p: NewGroupRow) =>
  db
    .insertInto('error_groups')
    .values({
      id: p.id,
      state: 'open',
      fingerprint: p.fingerprint,
      fingerprint_version: p.fingerprintVersion,
      error_type: p.errorType,
      message: p.message,
      source: p.source,
      count: p.count,
      listed: 1,
      first_seen_at: p.at,
      last_seen_at: p.lastAt,
      first_node: p.node,
      last_node: p.lastNode,
      changed_at: p.at,
    })
    .onConflict((conflict) =>
      conflict.column('fingerprint').doUpdateSet({
        count: sql<number>`error_groups.count + excluded.count`,
        last_seen_at: sql<number>`excluded.last_seen_at`,
        last_node: sql<string>`excluded.last_node`,
      }),
    )
    .returning(['id', 'state', 'count', 'listed']),
)

export const setListed = compileOnce((db, p: { id: ErrorId; listed: number; unlisted: number }) =>
  db
    .updateTable('error_groups')
    .set({ listed: p.listed, unlisted: sql<number>`unlisted + ${p.unlisted}` })
    .where('id', '=', p.id),
)

export const raiseError = compileOnce((db, p: { identity: string; count: number; at: EpochMs }) =>
  db
    .updateTable('errors')
    .set({ count: sql<number>`count + ${p.count}`, last_seen_at: p.at })
    .where('identity', '=', p.identity)
    .returning(['id', 'count']),
)

export interface NewErrorRow {
  identity: string
  groupId: ErrorId
  errorType: string
  message: string
  source: string
  count: number
  at: EpochMs
  lastAt: EpochMs
  node: string
}

export const insertError = compileOnce((db, p: NewErrorRow) =>
  db
    .insertInto('errors')
    .values({
      identity: p.identity,
      group_id: p.groupId,
      error_type: p.errorType,
      message: p.message,
      source: p.source,
      count: p.count,
      first_seen_at: p.at,
      last_seen_at: p.lastAt,
      node: p.node,
    })
    .onConflict((conflict) =>
      conflict.column('identity').doUpdateSet({
        count: sql<number>`errors.count + excluded.count`,
        last_seen_at: sql<number>`excluded.last_seen_at`,
      }),
    )
    .returning(['id', 'count']),
)
