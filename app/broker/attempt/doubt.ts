import { textOf } from '../../core/attempt.ts'
import { getPrompt } from '../../db/prompts.ts'
import type { Story } from './story.ts'
import { recordCertainty } from './record.ts'

/** How often late evidence is looked for. */
const lookAgainMs = 2_000

/**
 * Waits until late evidence shows that the agent has the prompt (then true), or a person decided (then false).
 * Nothing is ever typed meanwhile, and nothing times out.
 */
export async function awaitCertainty(story: Story, signal: AbortSignal): Promise<boolean> {
  const { tools, fleet, attempt, prompt } = story
  for (;;) {
    signal.throwIfAborted()
    const current = await getPrompt(tools.database.kysely, prompt.id)
    if (current.state !== 'in_progress' || current.attention === null) return false
    const reading = fleet.get(attempt.sessionKey)?.reading
    if (reading && reading.record !== 'nothing' && !(prompt.agentCommand && attempt.text === null)) {
      const turn = await tools.reader.findTurn(reading, textOf(prompt, attempt), attempt.claimedAt)
      if (turn) {
        await recordCertainty(story, "the agent's record shows the prompt after all")
        return true
      }
    }
    await fleet.next(attempt.sessionKey, lookAgainMs, signal)
  }
}
