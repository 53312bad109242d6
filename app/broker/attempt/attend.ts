import type { DeliveryProfile } from '../../core/agent.ts'
import type { Attempt, GitState } from '../../core/attempt.ts'
import { isAppError } from '../../core/errors.ts'
import type { PaneRef } from '../../core/host.ts'
import type { Prompt } from '../../core/prompt.ts'
import { getPrompt } from '../../db/prompts.ts'
import { gitState } from '../git.ts'
import { deliver, type Delivered } from '../delivery/deliver.ts'
import { takeBack } from '../delivery/take-back.ts'
import type { Fleet } from '../fleet.ts'
import type { Tools } from '../tools.ts'
import { followTurn, type Followed } from '../turn/follow.ts'
import { awaitCertainty } from './doubt.ts'
import { openAttemptLog, type AttemptLog } from './log.ts'
import {
  recordDoubt,
  recordEnd,
  recordGivenBack,
  recordInterrupted,
  recordStep,
  recordSubmitted,
} from './record.ts'

/** A claimed prompt and the attempt that its claim began. */
export interface Work {
  prompt: Prompt
  attempt: Attempt
  pane: PaneRef
}

/** One attempt under way: its story so far and the tools to go on. */
export interface Story extends Work {
  tools: Tools
  fleet: Fleet
  profile: DeliveryProfile
  log: AttemptLog
  /** The folder that the agent worked in when the prompt was claimed. */
  cwd: string
  /** The checkout as it was before; null outside of one, or when another process of ours began the attempt. */
  gitBefore: Promise<GitState | null>
  /** Called once when the session is free for other prompts, whatever becomes of this one. */
  free(): void
}

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

export function openStory(tools: Tools, fleet: Fleet, work: Work, free: () => void): Story {
  const { attempt, prompt } = work
  const log = openAttemptLog(
    tools.dataDir,
    tools.clock,
    { promptId: prompt.id, number: attempt.number },
    (error) => tools.log.error({ err: error, prompt: prompt.id }, 'an attempt log could not be written'),
  )
  const cwd = fleet.get(attempt.sessionKey)?.reading.cwd ?? ''
  return {
    ...work,
    tools,
    fleet,
    profile: tools.reader.profileOf(attempt.agent),
    log,
    cwd,
    gitBefore: attempt.phase === 'claimed' && cwd !== '' ? gitState(cwd) : Promise.resolve(attempt.gitBefore),
    free,
  }
}

/** Returns whether the agent has the prompt for certain; otherwise the attempt is settled. */
async function bringToAgent(story: Story, signal: AbortSignal): Promise<boolean> {
  const watch = new InterruptWatch(story, signal)
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
  if (prompt.context !== 'fresh' || attempt.phase !== 'claimed' || profile.freshCommand === null) return null
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

async function lookOrNull({ tools, pane }: Story) {
  try {
    return await tools.host.look(pane)
  } catch (error) {
    if (isAppError(error, 'not_found') || isAppError(error, 'unavailable')) return null
    throw error
  }
}

function deliveryOf(story: Story) {
  const { attempt, prompt, pane, profile, log } = story
  return {
    pane,
    text: prompt.content,
    token: attempt.token,
    generation: attempt.generation,
    profile,
    agentCommand: prompt.agentCommand,
    since: attempt.claimedAt,
    phase: attempt.phase === 'typed' || attempt.phase === 'entered' ? attempt.phase : ('claimed' as const),
    onStep: async (step: 'typed' | 'entered', enters: number, look: Parameters<AttemptLog['screen']>[0]) => {
      log.line(step === 'typed' ? 'pasted' : `pressed Enter (${enters})`)
      log.screen(look)
      await recordStep(story, step, enters)
    },
  }
}

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

/** From submission to the end of the turn, over usage limits. */
async function seeThrough(story: Story, signal: AbortSignal): Promise<void> {
  let text = story.prompt.content
  let since = story.attempt.claimedAt
  for (let resumed = 1; ; resumed += 1) {
    const followed = await follow(story, text, since, signal)
    if (followed.step.do === 'overtaken') return
    story.attempt = { ...story.attempt, pausedMs: followed.pausedMs }
    if (followed.step.do === 'end') return recordEnd(story, followed.step, followed)
    text = story.profile.resumeText
    since = story.tools.clock.now()
    await resumeTurn(story, text, since, resumed, followed, signal)
  }
}

function follow(story: Story, text: string, since: number, signal: AbortSignal): Promise<Followed> {
  const { tools, fleet, attempt, prompt, profile, log } = story
  return followTurn(
    tools,
    fleet,
    {
      sessionKey: attempt.sessionKey,
      generation: attempt.generation,
      text,
      since,
      submittedAt: attempt.submittedAt ?? attempt.claimedAt,
      timeoutMs: prompt.timeoutMinutes * 60_000,
      pausedMs: attempt.pausedMs,
      profile,
      agentCommand: prompt.agentCommand,
      reload: () => getPrompt(tools.database.kysely, prompt.id),
      onLimited: async (until) => log.line(`held by a usage limit until ${new Date(until).toISOString()}`),
    },
    signal,
  )
}

/** The limit is over and the agent sits there: close its limit dialog, if any, and tell it to go on. */
async function resumeTurn(
  story: Story,
  text: string,
  since: number,
  resumed: number,
  followed: Followed,
  signal: AbortSignal,
): Promise<void> {
  const { tools, profile, attempt, log } = story
  log.line('the usage limit is over; the agent is told to go on')
  const session = followed.session
  if (session && !session.reading.acceptsPrompt && profile.dismissLimit.length > 0) {
    const look = await tools.host.look(session.pane)
    await tools.host.press(look, profile.dismissLimit, look.marker)
    await story.fleet.next(attempt.sessionKey, clearWithinMs, signal)
  }
  const delivered = await deliver(
    tools,
    {
      ...deliveryOf(story),
      text,
      token: `${attempt.token}r${resumed}`,
      since,
      phase: 'claimed',
      onStep: async (step) => log.line(`${step} "${text}"`),
    },
    signal,
  )
  log.line(`${delivered.verdict}: ${delivered.because}`)
}

/** Aborts `signal` as soon as a person asks to stop this prompt. */
class InterruptWatch {
  readonly #own = new AbortController()
  readonly signal: AbortSignal
  readonly #unsubscribe: () => void
  interrupted = false

  constructor(story: Story, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#own.signal])
    const { database, log } = story.tools
    const check = async () => {
      const prompt = await getPrompt(database.kysely, story.prompt.id)
      if (prompt.interruptRequestedAt === null) return
      this.interrupted = true
      this.#own.abort()
    }
    this.#unsubscribe = database.bus.subscribe(() => {
      check().catch((error: unknown) => log.error({ err: error }, 'an interrupt could not be read'))
    })
  }

  stop() {
    this.#unsubscribe()
  }
}
