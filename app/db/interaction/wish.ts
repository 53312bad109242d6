import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { InteractionAnswer, SessionWish } from '../../core/interaction.ts'
import type { SessionName } from '../../core/prompt.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toInteraction, type StoredInteraction } from './row.ts'

/** The wish that may still be given; null where there is none, or something has happened to the interaction since. */
export function waitingWish({ state, version, wish }: StoredInteraction): SessionWish | null {
  return wish && wish.refused === null && wish.version === version && state === 'open' ? wish : null
}

/**
 * Notes what a session wants to answer, in place of an earlier wish. Throws `conflict` when anything of the
 * interaction changed since it was seen.
 */
export async function storeWish(
  db: Db,
  seen: StoredInteraction,
  by: SessionName,
  { answer, token }: { answer: InteractionAnswer; token: string },
  now: EpochMs,
): Promise<StoredInteraction> {
  const wish = { node: by.node, name: by.name, answer, token, at: now, refused: null }
  const stored = await replaceWish(db, seen, { ...wish, version: seen.version + 1 })
  if (!stored) {
    throw new AppError(
      'conflict',
      `Something happened to interaction ${seen.id} in this moment. Look at it again.`,
    )
  }
  appendEvent(db, {
    at: now,
    noun: 'interaction',
    nounId: String(seen.id),
    type: 'wish',
    data: { session: seen.sessionName, answer },
  })
  return stored
}

/** Ends a wish that was not given. null: something happened to the interaction since it was seen. */
export async function refuseWish(
  db: Db,
  seen: StoredInteraction,
  wish: SessionWish,
  reason: string,
  now: EpochMs,
): Promise<StoredInteraction | null> {
  const refused = await replaceWish(db, seen, { ...wish, refused: reason })
  if (!refused) return null
  appendEvent(db, {
    at: now,
    noun: 'interaction',
    nounId: String(seen.id),
    type: 'refuse',
    data: { session: seen.sessionName, wish_of: wish.name, reason },
  })
  return refused
}

async function replaceWish(db: Db, { id, version }: StoredInteraction, wish: SessionWish) {
  const row = await db
    .updateTable('interactions')
    .set((eb) => ({ wish: toJson(wish), version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
  return row ? toInteraction(row) : null
}
