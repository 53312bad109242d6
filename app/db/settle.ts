import type { Attempt, AttemptOutcome, AttemptPhase } from '../core/attempt.ts'
import type { EpochMs } from '../core/clock.ts'
import type { Prompt, PromptEvent, PromptId } from '../core/prompt.ts'
import type { Held } from '../core/queue.ts'
import { endAttempt, type AttemptFields } from './attempts.ts'
import { advancePrompt, type PromptChanges } from './prompt/advance.ts'
import type { Db } from './schema.ts'

/** The end of an attempt together with what it means for its prompt. */
export interface Settlement {
  attempt: Held & { outcome: AttemptOutcome; fields: AttemptFields & { phase?: AttemptPhase } }
  prompt: { id: PromptId; event: PromptEvent; changes: PromptChanges }
}

/** Ends an attempt and moves its prompt on. Throws `conflict` when either has moved on already. */
export async function settle(
  db: Db,
  { attempt, prompt }: Settlement,
  now: EpochMs,
): Promise<{ prompt: Prompt; attempt: Attempt }> {
  const ended = await endAttempt(db, attempt, attempt.outcome, attempt.fields, now)
  const moved = await advancePrompt(db, prompt.id, prompt.event, prompt.changes, now)
  return { prompt: moved, attempt: ended }
}
