import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { Prompt, PromptId, PromptState } from '../../core/prompt.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getPrompt } from './read.ts'
import { toPrompt } from './row.ts'

/** What can be accepted or sent back. */
const reviewable = ['completed', 'failed'] as const satisfies PromptState[]

/** Throws `conflict` when there is no result yet, or it was accepted before. */
export async function acceptPrompt(
  db: Db,
  id: PromptId,
  comment: string | null,
  now: EpochMs,
): Promise<Prompt> {
  const row = await db
    .updateTable('prompts')
    .set((eb) => ({
      review: 'accepted',
      review_comment: comment,
      reviewed_at: now,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', 'in', reviewable)
    .where('review', 'is distinct from', 'accepted')
    .returningAll()
    .executeTakeFirst()
  if (!row) throw await refusal(db, id)
  const data = comment === null ? {} : { comment }
  appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type: 'accept', data })
  return toPrompt(row)
}

async function refusal(db: Db, id: PromptId): Promise<AppError> {
  const { state, review } = await getPrompt(db, id)
  if (review === 'accepted') return new AppError('conflict', `Prompt ${id} was accepted already.`)
  return new AppError('conflict', `Cannot accept prompt ${id}: it is ${state}, so there is no result.`)
}
