import type { NamedSession } from '../broker/session-settings.ts'
import type { Prompt } from '../core/prompt.ts'
import { lastAttempt } from '../db/attempts.ts'
import type { Db } from '../db/schema.ts'
import { partOf, shortened } from './excerpt.ts'

/** Characters of an answer where several are shown: the end, which says what came out. */
const briefChars = 1_500

/** How a prompt stands, with as much of its answer as is worth reading among others. */
export async function briefResult(db: Db, prompt: Prompt): Promise<Record<string, unknown>> {
  const answer = (await lastAttempt(db, prompt.id))?.answer ?? ''
  const text = shortened(answer, briefChars)
  return { ...standingOf(prompt), ...(text && { answer: text }) }
}

/** The same with the whole answer, part by part. */
export async function fullResult(db: Db, prompt: Prompt, part: number): Promise<Record<string, unknown>> {
  const attempt = await lastAttempt(db, prompt.id)
  const shown = partOf(attempt?.answer ?? '', part)
  return {
    ...standingOf(prompt),
    ...(attempt?.changes && { changes: attempt.changes }),
    ...(shown.text && { answer: shown.text }),
    ...(shown.part && { part: shown.part }),
  }
}

function standingOf({
  id,
  state,
  sessionName,
  reason,
  attention,
  waitingFor,
  review,
  reviewComment,
}: Prompt) {
  return {
    prompt: id,
    state,
    ...(sessionName && { session: sessionName }),
    ...(reason && { reason }),
    ...(attention && { needs_person: attention }),
    ...(state === 'pending' && waitingFor && { waiting_for: waitingFor }),
    ...(review && { review }),
    ...(reviewComment && { comment: reviewComment }),
  }
}

/** A session as agents name it: with its node where that is not their own. */
export function nameFrom(here: NamedSession, { node, name }: NamedSession): string {
  return node === here.node ? name : `${node}/${name}`
}
