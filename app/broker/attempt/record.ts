import { textOf, type AttemptOutcome, type GitChanges, type GitState } from '../../core/attempt.ts'
import type { Prompt, PromptEvent } from '../../core/prompt.ts'
import type { Evidence } from '../../core/session.ts'
import { attemptsOf, endAttempt, recordPhase } from '../../db/attempts.ts'
import { advancePrompt, getPrompt, type PromptChanges } from '../../db/prompts.ts'
import type { Delivered } from '../delivery/deliver.ts'
import type { TakenBack } from '../delivery/take-back.ts'
import { afterTurn } from '../delegation/after-turn.ts'
import { describeDuration } from '../duration.ts'
import type { Followed } from '../turn/follow.ts'
import type { TurnStep } from '../turn/decide.ts'
import { answerOf } from '../turn/answer.ts'
import type { Story } from './story.ts'
import { spokenName } from '../tools.ts'

/*
 * What an attempt writes into the database: each function is one transaction, in which the attempt and its
 * prompt move together.
 */

/** How often a prompt that provably never reached its agent is tried again by itself. */
export const deliveryTries = 3
/** Waits before the second, third and later tries, in ms. */
const backoffMs = [2_000, 10_000, 60_000]

export async function recordStep(story: Story, phase: 'typed' | 'entered', enters: number): Promise<void> {
  const { tools, attempt } = story
  const at = tools.clock.now()
  const says = phase === 'typed' ? 'the text was pasted' : `Enter was pressed (${enters})`
  await tools.database.write((db) => recordPhase(db, attempt, phase, { at, evidence: [ours(at, says)] }))
  story.attempt = { ...attempt, phase, ...(phase === 'typed' ? { typedAt: at } : { enteredAt: at }) }
}

export async function recordSubmitted(story: Story, delivered: Delivered): Promise<void> {
  const { tools, attempt, prompt } = story
  const at = tools.clock.now()
  const evidence = [ours(at, delivered.because), ...delivered.evidence]
  await tools.database.write(async (db) => {
    await recordPhase(db, attempt, 'submitted', { at, evidence })
    await advancePrompt(db, prompt.id, 'start', { startedAt: at }, at)
  })
  await wake(story)
  story.attempt = { ...attempt, phase: 'submitted', submittedAt: at }
  tools.progress(
    `prompt ${prompt.id} reached ${spokenName(tools, attempt.sessionName)} (${delivered.because})`,
  )
}

/** The prompt waits again; after some tries that went wrong it fails, and says why. */
export async function recordGivenBack(story: Story, delivered: Delivered): Promise<void> {
  const { tools, attempt, prompt } = story
  const at = tools.clock.now()
  const typed = attempt.typedAt !== null || attempt.phase !== 'claimed'
  const earlier = await attemptsOf(tools.database.kysely, prompt.id)
  const sinceLastArrival = earlier.slice(earlier.findLastIndex(({ submittedAt }) => submittedAt !== null) + 1)
  const tries = sinceLastArrival.filter(
    (each) => each.phase === 'not_submitted' && each.claimedAt >= prompt.enqueuedAt,
  ).length
  const isLast = typed && tries + 1 >= deliveryTries
  const reason = delivered.because
  await tools.database.write(async (db) => {
    if (typed)
      await recordPhase(db, attempt, 'not_submitted', {
        at,
        evidence: [ours(at, reason), ...delivered.evidence],
      })
    await endAttempt(db, attempt, isLast ? 'failed' : 'released', { reason }, at)
    if (isLast) {
      const why = `it could not be delivered in ${deliveryTries} tries: ${reason}`
      await advancePrompt(db, prompt.id, 'fail', { reason: why }, at)
    } else {
      const waitMs = backoffMs[Math.min(typed ? tries : 0, backoffMs.length - 1)]!
      await advancePrompt(db, prompt.id, 'release', { hold: 'backoff', wakeAt: at + waitMs }, at)
    }
  })
  await wake(story)
  tools.progress(`prompt ${prompt.id} was given back by ${spokenName(tools, attempt.sessionName)}: ${reason}`)
}

/** Whether it arrived can't be known: it stays where it is until late evidence or a person decides. */
export async function recordDoubt(story: Story, delivered: Delivered): Promise<void> {
  const { tools, attempt, prompt } = story
  const at = tools.clock.now()
  const attention = `It is not known whether ${spokenName(tools, attempt.sessionName)} got this prompt: ${delivered.because}.`
  await tools.database.write(async (db) => {
    await recordPhase(db, attempt, 'unknown', {
      at,
      evidence: [ours(at, delivered.because), ...delivered.evidence],
    })
    await advancePrompt(db, prompt.id, 'doubt', { attention, startedAt: at }, at)
  })
  await wake(story)
  story.attempt = { ...attempt, phase: 'unknown' }
  tools.progress(`prompt ${prompt.id} needs a person: ${attention}`)
}

export async function recordCertainty(story: Story, proof: string): Promise<void> {
  const { tools, attempt, prompt } = story
  const at = tools.clock.now()
  await tools.database.write(async (db) => {
    await recordPhase(db, attempt, 'submitted', { at, evidence: [ours(at, proof)] })
    await advancePrompt(db, prompt.id, 'doubt', { attention: null }, at)
  })
  await wake(story)
  story.attempt = { ...attempt, phase: 'submitted', submittedAt: at }
  tools.progress(`prompt ${prompt.id} did reach ${spokenName(tools, attempt.sessionName)}: ${proof}`)
}

/** Stopped by a person before its Enter was pressed. */
export async function recordInterrupted(story: Story, taken: TakenBack): Promise<void> {
  const { tools, attempt, prompt } = story
  const at = tools.clock.now()
  const reason = 'stopped before it was submitted'
  const attention =
    taken === 'left'
      ? `Its text still stands in the input box of ${spokenName(tools, attempt.sessionName)}; clear it there.`
      : null
  await tools.database.write(async (db) => {
    await recordPhase(db, attempt, 'not_submitted', { at, evidence: [ours(at, reason)] })
    await endAttempt(db, attempt, 'interrupted', { reason }, at)
    await advancePrompt(db, prompt.id, 'interrupt', { reason, attention }, at)
  })
  await wake(story)
  tools.progress(`prompt ${prompt.id} was ${reason}`)
}

/** The turn is over: answer, figures and changes are stored with the attempt, and the prompt ends. */
export async function recordEnd(
  story: Story,
  step: Extract<TurnStep, { do: 'end' }>,
  followed: Followed,
): Promise<void> {
  const { tools, attempt, prompt, log } = story
  const at = tools.clock.now()
  const wanted = await isInterruptWanted(story)
  const found = await answerOf(tools, followed, textOf(prompt, attempt))
  const git = await gitOf(story, followed)
  const { turn } = followed
  await tools.database.write(async (db) => {
    await endAttempt(
      db,
      attempt,
      step.outcome,
      {
        reason: step.because,
        pausedMs: followed.pausedMs,
        evidence: [ours(at, step.because ?? 'the turn ended'), ...(followed.session?.reading.evidence ?? [])],
        ...found,
        tokensIn: turn?.tokensIn ?? null,
        tokensOut: turn?.tokensOut ?? null,
        costUsd: turn?.costUsd ?? null,
        conversation: turn?.sessionId ?? null,
        ...git,
      },
      at,
    )
    const events =
      step.outcome === 'completed'
        ? [await afterTurn(db, { prompt, attempt }, wanted, at)]
        : eventsFor(step.outcome, step.because, prompt, wanted, at)
    for (const [event, changes] of events) {
      await advancePrompt(db, prompt.id, event, changes, at)
    }
  })
  await wake(story)
  const took = describeDuration(at - (attempt.submittedAt ?? attempt.claimedAt))
  const why = step.because === null ? '' : `: ${step.because}`
  const line = `prompt ${prompt.id} ${endWords[step.outcome]} ${spokenName(tools, attempt.sessionName)} in ${took}${why}`
  log.line(`${line}\n\n${found.answer ?? ''}`)
  tools.progress(line)
}

const endWords: Record<Extract<TurnStep, { do: 'end' }>['outcome'], string> = {
  completed: 'was completed by',
  failed: 'failed on',
  timed_out: 'timed out on',
  interrupted: 'was stopped on',
  agent_gone: 'lost its agent',
}

/** The prompt's own events for an attempt's outcome; a repeatable prompt is queued again by itself. */
function eventsFor(
  outcome: AttemptOutcome,
  because: string | null,
  prompt: Prompt,
  interruptWanted: boolean,
  at: number,
): [PromptEvent, PromptChanges][] {
  if (outcome === 'interrupted' && interruptWanted) {
    return [['interrupt', { reason: 'interrupted', attention: null }]]
  }
  const failed: [PromptEvent, PromptChanges] = ['fail', { reason: because, attention: null }]
  if (!prompt.repeatable || prompt.retryCount >= prompt.maxRetries) return [failed]
  const waitMs = backoffMs[Math.min(prompt.retryCount, backoffMs.length - 1)]!
  const again = {
    retryCount: prompt.retryCount + 1,
    hold: 'backoff' as const,
    wakeAt: at + waitMs,
    endedAt: null,
  }
  return [failed, ['retry', again]]
}

async function isInterruptWanted({ tools, prompt }: Story): Promise<boolean> {
  return (await getPrompt(tools.database.kysely, prompt.id)).interruptRequestedAt !== null
}

interface GitRecord {
  gitBefore: GitState | null
  gitAfter: GitState | null
  changes: GitChanges | null
}

async function gitOf({ tools, gitBefore, cwd }: Story, followed: Followed): Promise<GitRecord> {
  const before = await gitBefore
  const dir = followed.session?.reading.cwd ?? cwd
  const after = before ? await tools.checkouts.stateOf(dir) : null
  const changes = before && after ? await tools.checkouts.changesOf(dir, before, after) : null
  return { gitBefore: before, gitAfter: after, changes }
}

/** Other processes, and the assigner's own loop, look at once. */
function wake({ tools }: Story): Promise<void> {
  return tools.database.bus.notify('prompts')
}

function ours(at: number, says: string): Evidence {
  return { source: 'process', at, says }
}
