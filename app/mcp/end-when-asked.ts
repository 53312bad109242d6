import { endsWith, type EndingSignal } from '../core/signals.ts'
import type { PromptId } from '../core/prompt.ts'
import { getPrompt } from '../db/prompts.ts'
import { asksOfLed } from './shown-asks.ts'
import type { ToolCall } from './tool.ts'

/** What was asked so shortly before the wait began may not have been seen by who waits, in ms. */
const freshMs = 5_000
/** A notification may be lost: looked at again after this. */
const lookAgainMs = 3_000

/**
 * Ends a wait for prompts when a session that has one of them asks what the waiting one may answer. What was asked
 * before is known to who waits: it is told again when time is up, and disturbs no wait.
 */
export async function endWhenAsked(
  { database, clock, session }: ToolCall<unknown>,
  ids: readonly PromptId[],
  { signal, end }: EndingSignal,
): Promise<void> {
  const since = clock.now() - freshMs
  while (!signal.aborted) {
    using waking = endsWith(signal)
    const unsubscribe = database.bus.subscribe(waking.end)
    try {
      const asks = await asksOfLed(database, session)
      const fresh = [...asks].filter(([, { isYours, askedAt }]) => isYours && askedAt > since)
      if (fresh.length > 0) {
        const prompts = await Promise.all(ids.map((id) => getPrompt(database.kysely, id)))
        if (fresh.some(([key]) => prompts.some(({ sessionKey }) => sessionKey === key))) return end()
      }
      await clock.sleep(lookAgainMs, waking.signal)
    } finally {
      unsubscribe()
    }
  }
}
