import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { Prompt, PromptId, SessionName } from '../../core/prompt.ts'
import { isSameSession, sessionNameText } from '../../core/session-name.ts'
import { attemptsOf } from '../../db/attempts.ts'
import type { Database } from '../../db/open.ts'
import { advancePrompt, getPrompt } from '../../db/prompts.ts'
import { acceptPrompt } from '../../db/prompt/review.ts'
import { markTold } from '../../db/prompt/reports.ts'
import type { Db } from '../../db/schema.ts'
import { checkText } from '../human-tasks/ask.ts'
import { returnTo } from './return-to.ts'

/** What is said of a result that is taken; it stands in lists and digests. */
const commentChars = 10_000

/**
 * Takes a result as it is. Throws `conflict` when it is not there yet or was accepted before, `forbidden` when
 * `by`, a session, did not delegate it. null: a person.
 */
export async function accept(
  database: Database,
  id: PromptId,
  by: SessionName | null,
  comment: string | null,
  now: EpochMs,
): Promise<Prompt> {
  const said = comment?.trim() ? checkText('comment', comment, commentChars) : null
  const prompt = await database.write(async (db) => {
    await requireReviewer(db, await getPrompt(db, id), by)
    const accepted = await acceptPrompt(db, id, said, now)
    if (by) await markTold(db, [id])
    return accepted
  })
  await database.bus.notify('prompts')
  return prompt
}

/**
 * Gives a result back: the comment is what its next attempt says, in the same conversation where that is still
 * there, and with everything that was asked and answered before where it is not. Throws as `accept`, and
 * `invalid` when the comment can't be a prompt.
 */
export async function sendBack(
  database: Database,
  id: PromptId,
  by: SessionName | null,
  comment: string,
  now: EpochMs,
): Promise<Prompt> {
  const text = normalisePromptText(comment)
  const prompt = await database.write(async (db) => {
    const before = await getPrompt(db, id)
    await requireReviewer(db, before, by)
    const last = (await attemptsOf(db, id)).findLast(({ submittedAt }) => submittedAt !== null)
    const back = last ? await returnTo(db, before, last) : {}
    const changes = {
      review: 'sent_back' as const,
      reviewComment: text,
      reviewedAt: now,
      nextText: text,
      ...back,
    }
    return advancePrompt(db, id, 'send_back', { ...changes, expiresAt: null }, now)
  })
  await database.bus.notify('prompts')
  return prompt
}

/** The session that hears of this prompt's end: who sent it, or who has the prompt that it is a part of. */
export async function reviewerOf(db: Db, prompt: Prompt): Promise<SessionName | null> {
  if (prompt.from) return prompt.from
  if (prompt.parent === null) return null
  const { sessionKey, sessionName } = await getPrompt(db, prompt.parent)
  if (sessionKey === null || sessionName === null) return null
  return { node: sessionKey.split('/')[0] ?? '', name: sessionName }
}

async function requireReviewer(db: Db, prompt: Prompt, by: SessionName | null) {
  if (by === null) return
  const reviewer = await reviewerOf(db, prompt)
  if (reviewer && isSameSession(reviewer, by)) return
  const whose = reviewer ? `${sessionNameText(reviewer)} delegated it and` : 'A person sent it and'
  throw new AppError(
    'forbidden',
    `Prompt ${prompt.id} is not for ${sessionNameText(by)} to review. ${whose} decides.`,
  )
}
