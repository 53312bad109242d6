import type { NamedSession } from '../broker/session-settings.ts'
import type { Prompt } from '../core/prompt.ts'
import { lastAttempt } from '../db/attempts.ts'
import type { Db } from '../db/schema.ts'
import { partOf, shortened } from './excerpt.ts'

/** Characters of an answer where several are shown: the end, which says what came out. */
const briefChars = 1_500
/** …and at least so much of each, however many are shown. */
const leastBriefChars = 200
/** All of them together; an agent pays for every word. */
const allBriefChars = 40_000

/** How prompts stand, each with as much of its answer as is worth reading among the others. */
export async function briefResults(db: Db, prompts: readonly Prompt[]): Promise<Record<string, unknown>[]> {
  const share = Math.floor(allBriefChars / Math.max(1, prompts.length))
  const chars = Math.max(leastBriefChars, Math.min(briefChars, share))
  return Promise.all(prompts.map((prompt) => briefResult(db, prompt, chars)))
}

async function briefResult(db: Db, prompt: Prompt, chars: number): Promise<Record<string, unknown>> {
  const answer = (await lastAttempt(db, prompt.id))?.answer ?? ''
  const text = shortened(answer, chars)
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
