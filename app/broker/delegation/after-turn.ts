import type { Attempt } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import { counted } from '../../core/counted.ts'
import type { Prompt, PromptEvent, PromptId } from '../../core/prompt.ts'
import { openChildIds, type PromptChanges } from '../../db/prompts.ts'
import { dueChildren, lockPrompt, markTold } from '../../db/prompt/reports.ts'
import type { Db } from '../../db/schema.ts'
import { digestOf } from './digest.ts'
import { returnTo } from './return-to.ts'

/**
 * What becomes of a prompt whose turn was completed. Without open parts it is finished. While parts of it are
 * open it waits for them, and goes on in its session with what came out; what ended during the turn is told at
 * once. Belongs into the write that ends the attempt.
 */
export async function afterTurn(
  db: Db,
  { prompt, attempt }: { prompt: Prompt; attempt: Attempt },
  interruptWanted: boolean,
  now: EpochMs,
): Promise<[PromptEvent, PromptChanges]> {
  await lockPrompt(db, prompt.id)
  const due = await dueChildren(db, prompt.id, now)
  const open = await openChildIds(db, prompt.id)
  if (due.length === 0 && open.length === 0) return ['finish', { reason: null }]
  if (interruptWanted) return ['interrupt', { reason: 'interrupted', attention: null }]
  const own = { ...(await returnTo(db, prompt, attempt)), nextText: null, interruptRequestedAt: null }
  const told = await markTold(
    db,
    due.map(({ id }) => id),
  )
  if (told.length === 0) return ['hand_over', { ...own, hold: 'children', waitingFor: waitsFor(open) }]
  const ended = due.filter(({ id }) => told.includes(id))
  return ['hand_over', { ...own, nextText: await digestOf(db, ended, open) }]
}

const mostNamed = 5

/** "2 prompts that it delegated: 13, 14". */
function waitsFor(open: readonly PromptId[]): string {
  const named = open.slice(0, mostNamed).join(', ')
  const more = open.length > mostNamed ? ', …' : ''
  return `${counted(open.length, 'prompt')} that it delegated: ${named}${more}`
}
