import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { errorEvents, type ErrorEvent, type ErrorGroup, type ErrorId } from '../../core/reported-error.ts'
import type { PromptId } from '../../core/prompt.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getErrorGroup } from './read.ts'

/**
 * Applies an event to the group of an error, whichever of its errors is named. Throws `not_found`, and `conflict`
 * when the group is not in a state for it.
 */
export async function advanceErrorGroup(
  db: Db,
  id: ErrorId,
  event: Exclude<ErrorEvent, 'regress'>,
  by: string,
  now: EpochMs,
): Promise<ErrorGroup> {
  const { id: groupId, state, message, errorType } = await getErrorGroup(db, id)
  const { from, to } = errorEvents[event]
  const row = await db
    .updateTable('error_groups')
    .set({ state: to, changed_at: now, changed_by: by })
    .where('id', '=', groupId)
    .where('state', 'in', [...from])
    .returning('id')
    .executeTakeFirst()
  if (!row) throw new AppError('conflict', `Cannot ${event} error ${groupId}: it is ${state} already.`)
  const data = { errorType, message: message.slice(0, shownChars).toWellFormed() }
  appendEvent(db, { at: now, noun: 'error', nounId: String(groupId), type: event, data })
  return getErrorGroup(db, groupId)
}

/** The prompt that is to have it fixed. */
export async function linkErrorPrompt(
  db: Db,
  groupId: ErrorId,
  promptId: PromptId,
  now: EpochMs,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('error_groups')
    .set({ prompt_id: promptId })
    .where('id', '=', groupId)
    .where((eb) => eb.or([eb('prompt_id', 'is', null), eb('prompt_id', '<', promptId)]))
    .executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return
  appendEvent(db, { at: now, noun: 'error', nounId: String(groupId), type: 'send', data: { promptId } })
}

/** An event's row is no place for a text of many pages. */
const shownChars = 200
