import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { JoinToken, NodeId } from '../../core/node.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toJoinToken } from './row.ts'

export interface NewJoinToken {
  secretHash: string
  hint: string
  name: string | null
  tags: readonly string[]
  createdBy: string
  expiresAt: EpochMs
}

/** Open ones at a time: more is a program that went wild. */
const mostOpen = 1_000
/** Used and expired ones are kept for whoever asks what became of them. */
const keptMs = 7 * 86_400_000

export async function addJoinToken(db: Db, token: NewJoinToken, now: EpochMs): Promise<JoinToken> {
  await db
    .deleteFrom('join_tokens')
    .where('expires_at', '<', now - keptMs)
    .execute()
  const open = await db
    .selectFrom('join_tokens')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow()
  if (open.count >= mostOpen) {
    throw new AppError('limited', `${mostOpen} invitations are open already. They end after 15 minutes.`)
  }
  const { secretHash, hint, name, tags, createdBy, expiresAt } = token
  const row = await db
    .insertInto('join_tokens')
    .values({
      secret_hash: secretHash,
      hint,
      name,
      tags: toJson([...tags]),
      created_by: createdBy,
      created_at: now,
      expires_at: expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { invitation: row.id, name, tags, expiresAt }
  appendEvent(db, { at: now, noun: 'node', nounId: '', type: 'invite', data })
  return toJoinToken(row)
}

/** The newest comes first. */
export async function listJoinTokens(db: Db): Promise<JoinToken[]> {
  const rows = await db.selectFrom('join_tokens').selectAll().orderBy('id', 'desc').execute()
  return rows.map(toJoinToken)
}

/** null: it was never made, or long ago. */
export async function findJoinToken(db: Db, secretHash: string): Promise<JoinToken | null> {
  const row = await db
    .selectFrom('join_tokens')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
  return row ? toJoinToken(row) : null
}

/** false: somebody else was faster with the same one. */
export async function useJoinToken(db: Db, id: number, nodeId: NodeId, now: EpochMs): Promise<boolean> {
  const row = await db
    .updateTable('join_tokens')
    .set({ used_at: now, node_id: nodeId })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Ends an invitation that nobody has used. */
export async function endJoinToken(db: Db, id: number, now: EpochMs): Promise<boolean> {
  const row = await db
    .deleteFrom('join_tokens')
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!row) return false
  appendEvent(db, { at: now, noun: 'node', nounId: '', type: 'end_invitation', data: { invitation: id } })
  return true
}
