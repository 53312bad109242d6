import type { DeliveryProfile } from '../../core/agent.ts'
import { textOf, type Attempt, type GitState } from '../../core/attempt.ts'
import { isAppError, isSilence } from '../../core/errors.ts'
import type { PaneRef } from '../../core/host.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { EpochMs } from '../../core/clock.ts'
import { noteAttempt } from '../../db/attempts.ts'
import { getPrompt } from '../../db/prompts.ts'
import { deliver, type Delivered } from '../delivery/deliver.ts'
import { emptyBox, takeBack } from '../delivery/take-back.ts'
import type { Fleet } from '../../core/fleet.ts'
import { PaneLease } from '../pane-lease.ts'
import { endsWith, type EndingSignal } from '../../core/signals.ts'
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
    gitBefore:
      attempt.phase === 'claimed' && cwd !== ''
        ? tools.checkouts.stateOf(cwd)
        : Promise.resolve(attempt.gitBefore),
    free,
  }
}

/** Returns whether the agent has the prompt for certain; otherwise the attempt is settled. */
async function bringToAgent(story: Story, signal: AbortSignal): Promise<boolean> {
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

/** A line of the attempt's log, with the screen of that moment where the pane still has one. */
async function logScreen(story: Story, says: string): Promise<void> {
  const look = await lookOrNull(story)
  story.log.line(says)
  if (look) story.log.screen(look)
}

async function lookOrNull({ tools, pane }: Story) {
  try {
    return await tools.host.look(pane)
  } catch (error) {
    if (isAppError(error, 'not_found') || isSilence(error)) return null
    throw error
  }
}

function deliveryOf(story: Story) {
  const { tools, attempt, prompt, pane, profile, log } = story
  return {
    pane,
    text: textOf(prompt, attempt),
    token: attempt.token,
    generation: attempt.generation,
    profile,
    agentCommand: isAgentCommand(story),
    lease: new PaneLease(tools, pane),
    since: attempt.claimedAt,
    phase: attempt.phase === 'typed' || attempt.phase === 'entered' ? attempt.phase : ('claimed' as const),
    onStep: async (step: 'typed' | 'entered', enters: number, look: Parameters<AttemptLog['screen']>[0]) => {
      log.line(step === 'typed' ? 'pasted' : `pressed Enter (${enters})`)
      log.screen(look)
      await recordStep(story, step, enters)
    },
    onWait: (because: string) => log.line(`waits: ${because}`),
  }
}

/** What goes on after a command of the agent's own is said in words. */
function isAgentCommand({ prompt, attempt }: Story): boolean {
  return prompt.agentCommand && attempt.text === null
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
  const { tools, prompt, attempt, profile } = story
  await noteGitBefore(story)
  const began = attempt.submittedAt ?? attempt.claimedAt
  let said = { text: textOf(prompt, attempt), since: attempt.claimedAt, beganAt: began }
  let resumed = await resumptionsOf(story)
  if (resumed > 0) {
    // An earlier process was about to say "go on": that is taken to its end before anything else.
    said = { text: profile.resumeText, since: began, beganAt: began }
    await sayGoOn(story, said, resumed, signal)
  }
  for (;;) {
    const followed = await follow(story, said, signal)
    if (followed.step.do === 'overtaken') return
    story.attempt = { ...story.attempt, pausedMs: followed.pausedMs }
    if (followed.step.do === 'end') {
      await logScreen(story, 'the turn ended')
      if (followed.step.outcome === 'interrupted') await clearAfterInterrupt(story, signal)
      return recordEnd(story, followed.step, followed)
    }
    resumed += 1
    await closeLimitDialog(story, followed, signal)
    const now = tools.clock.now()
    said = { text: profile.resumeText, since: now, beganAt: now }
    await sayGoOn(story, said, resumed, signal)
  }
}

/** What we were asked to stop must not stay behind in the box; what a person stopped there is theirs. */
async function clearAfterInterrupt(story: Story, signal: AbortSignal): Promise<void> {
  const { interruptRequestedAt } = await getPrompt(story.tools.database.kysely, story.prompt.id)
  if (interruptRequestedAt === null) return
  const box = await emptyBox(story.tools, deliveryOf(story), signal)
  if (box !== 'nothing') story.log.line(`the prompt was back in the box: ${box}`)
}

async function noteGitBefore(story: Story) {
  const { tools, attempt } = story
  const gitBefore = await story.gitBefore
  if (gitBefore && attempt.gitBefore === null) {
    await tools.database.write((db) => noteAttempt(db, attempt, { gitBefore }))
  }
}

/** How often the agent was told to go on in this attempt, by the pane's marker. */
async function resumptionsOf(story: Story): Promise<number> {
  const look = await lookOrNull(story)
  const [, count = '0'] = new RegExp(`\\.${story.attempt.token}r(\\d+)\\.`).exec(look?.marker ?? '') ?? []
  return Number(count)
}

/** A text that was said to the agent in this attempt, and since when its turn can be seen. */
/** Screens of standing still that one turn's log keeps: each is some kB, and an agent may ask all day. */
const mostStills = 30

interface Said {
  text: string
  since: EpochMs
  beganAt: EpochMs
}

function follow(story: Story, said: Said, signal: AbortSignal): Promise<Followed> {
  const { tools, fleet, attempt, prompt, profile, log } = story
  let stills = 0
  return followTurn(
    tools,
    fleet,
    {
      ...said,
      sessionKey: attempt.sessionKey,
      generation: attempt.generation,
      submittedAt: attempt.submittedAt ?? attempt.claimedAt,
      timeoutMs: prompt.timeoutMinutes * 60_000,
      pausedMs: attempt.pausedMs,
      profile,
      agentCommand: isAgentCommand(story),
      reload: () => getPrompt(tools.database.kysely, prompt.id),
      onLimited: async (until) => log.line(`held by a usage limit until ${new Date(until).toISOString()}`),
      onStill: async (state) => {
        stills += 1
        if (stills <= mostStills) await logScreen(story, `stands still: ${state}`)
      },
      onPaused: async (pausedMs) => {
        await tools.database.write((db) => noteAttempt(db, attempt, { pausedMs }))
      },
    },
    signal,
  )
}

/** What an agent shows instead of its box while a limit holds; left without choosing anything. */
async function closeLimitDialog(story: Story, { session }: Followed, signal: AbortSignal): Promise<void> {
  const { tools, profile, attempt } = story
  if (!session || session.reading.acceptsPrompt || profile.dismissLimit.length === 0) return
  if ((await new PaneLease(tools, session.pane).hold()) === null) return
  const look = await tools.host.look(session.pane)
  // By now it may work again, and the same keys would stop it.
  if (tools.reader.read(look).state !== 'limited') return
  await tools.host.press(look, profile.dismissLimit, look.marker)
  await story.fleet.next(attempt.sessionKey, clearWithinMs, signal)
}

/** The limit is over and the agent sits there: it is told to go on. */
async function sayGoOn(
  story: Story,
  { text, since }: Said,
  resumed: number,
  signal: AbortSignal,
): Promise<void> {
  const { tools, attempt, log } = story
  log.line('the usage limit is over; the agent is told to go on')
  const delivered = await deliver(
    tools,
    {
      ...deliveryOf(story),
      text,
      token: `${attempt.token}r${resumed}`,
      since,
      phase: 'claimed',
      agentCommand: false,
      onStep: async (step) => log.line(`${step} "${text}"`),
    },
    signal,
  )
  log.line(`${delivered.verdict}: ${delivered.because}`)
}

/** Aborts `signal` as soon as a person asks to stop this prompt. */
class InterruptWatch {
  readonly #own: EndingSignal
  readonly #unsubscribe: () => void
  interrupted = false

  constructor(story: Story, signal: AbortSignal) {
    this.#own = endsWith(signal)
    const { database, log } = story.tools
    const check = async () => {
      const prompt = await getPrompt(database.kysely, story.prompt.id)
      if (prompt.interruptRequestedAt === null) return
      this.interrupted = true
      this.#own.end()
    }
    const look = () => {
      check().catch((error: unknown) => log.error({ err: error }, 'an interrupt could not be read'))
    }
    this.#unsubscribe = database.bus.subscribe(look)
    look()
  }

  get signal(): AbortSignal {
    return this.#own.signal
  }

  stop() {
    this.#unsubscribe()
    this.#own[Symbol.dispose]()
  }
}
