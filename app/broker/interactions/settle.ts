import type { EpochMs } from '../../core/clock.ts'
import type { InteractionId } from '../../core/interaction.ts'
import { advanceInteraction } from '../../db/interaction/advance.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import type { Db } from '../../db/schema.ts'
import type { Given } from './verdict.ts'

/** Writes down what became of an answer. */
export async function settleAnswer(
  db: Db,
  id: InteractionId,
  { how, because }: Given,
  now: EpochMs,
): Promise<StoredInteraction> {
  const reason = because
  if (how === 'given') return advanceInteraction(db, id, 'confirm', {}, now)
  if (how === 'unknown') return advanceInteraction(db, id, 'doubt', { reason }, now)
  if (how === 'another') return advanceInteraction(db, id, 'supersede', { reason }, now)
  if (how === 'ended') return advanceInteraction(db, id, 'end', { reason }, now)
  const open = await advanceInteraction(db, id, 'withdraw', { reason }, now)
  return how === 'never' ? open : advanceInteraction(db, id, 'leave', { reason }, now)
}
