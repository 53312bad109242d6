import { bringToAgent } from './bring.ts'
import { awaitCertainty } from './doubt.ts'
import { seeThrough } from './see-through.ts'
import type { Story } from './story.ts'

/**
 * One attempt from its claim to its outcome, whichever process began it. Ends early, with nothing settled, only
 * when `signal` aborts; the next assigner goes on from there.
 */
export async function attend(story: Story, signal: AbortSignal): Promise<void> {
  const { attempt } = story
  if (attempt.phase === 'unknown') {
    story.free()
    if (!(await awaitCertainty(story, signal))) return
  } else if (attempt.phase !== 'submitted' && !(await bringToAgent(story, signal))) return
  await seeThrough(story, signal)
}
