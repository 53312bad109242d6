import { deliver, type Delivered } from '../delivery/deliver.ts'
import { takeBack } from '../delivery/take-back.ts'
import { awaitCertainty } from './doubt.ts'
import { InterruptWatch } from './interrupt-watch.ts'
import { recordDoubt, recordGivenBack, recordInterrupted, recordSubmitted } from './record.ts'
import { deliveryOf, logScreen, lookOrNull, type Story } from './story.ts'

/** Returns whether the agent has the prompt for certain; otherwise the attempt is settled. */
export async function bringToAgent(story: Story, signal: AbortSignal): Promise<boolean> {
  const watch = new InterruptWatch(story, signal)
  if (story.attempt.phase === 'claimed') await logScreen(story, 'claimed')
  try {
    const cleared = await clearFirst(story, watch.signal)
    const delivered = cleared ?? (await deliver(story.tools, deliveryOf(story), watch.signal))
    return await settleDelivery(story, delivered, signal)
  } catch (error) {
    if (!watch.interrupted || signal.aborted) throw error
    return await stopBeforeSubmission(story, signal)
  } finally {
    watch.stop()
  }
}

/** A fresh conversation is the agent's own clearing command, delivered like a prompt under its own token. */
async function clearFirst(story: Story, signal: AbortSignal): Promise<Delivered | null> {
  const { attempt, prompt, profile, pane, tools, log } = story
  // What goes on with something does not begin afresh.
  if (
    attempt.text !== null ||
    prompt.context !== 'fresh' ||
    attempt.phase !== 'claimed' ||
    profile.freshCommand === null
  )
    return null
  const look = await lookOrNull(story)
  if (look?.marker.includes(`.${attempt.token}.`)) return null
  const cleared = await deliver(
    tools,
    {
      ...deliveryOf(story),
      pane,
      text: profile.freshCommand,
      token: `${attempt.token}c`,
      agentCommand: true,
      onStep: async (step) => log.line(`${step} ${profile.freshCommand}`),
    },
    signal,
  )
  if (cleared.verdict !== 'submitted') return { ...cleared, verdict: 'given_back' }
  await story.fleet.next(attempt.sessionKey, clearWithinMs, signal)
  return null
}

/** A new conversation is drawn within this (measured: 150 ms with Claude). */
const clearWithinMs = 1_000

async function settleDelivery(story: Story, delivered: Delivered, signal: AbortSignal): Promise<boolean> {
  story.log.line(`${delivered.verdict}: ${delivered.because}`)
  if (delivered.look) story.log.screen(delivered.look)
  if (delivered.verdict === 'submitted') {
    await recordSubmitted(story, delivered)
    return true
  }
  if (delivered.verdict === 'given_back') {
    await recordGivenBack(story, delivered)
    return false
  }
  await recordDoubt(story, delivered)
  story.free()
  return awaitCertainty(story, signal)
}

/** A person wants the prompt stopped before its Enter: what is ours is taken out of the box again. */
async function stopBeforeSubmission(story: Story, signal: AbortSignal): Promise<boolean> {
  const taken = await takeBack(story.tools, { ...deliveryOf(story) }, signal)
  story.log.line(`stopped before submission: ${taken}`)
  if (taken === 'entered') return true
  await recordInterrupted(story, taken)
  return false
}
