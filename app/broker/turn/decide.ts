import type { EpochMs } from '../../core/clock.ts'
import { counted } from '../../core/counted.ts'
import type { Reading } from '../../core/session.ts'
import type { Turn } from '../../core/turn.ts'
import type { ComposerShows } from '../delivery/composer.ts'

/*
 * Following a turn is one function as well: from what is known about a submitted prompt to the next step. The
 * agent's own record decides where there is one; the screen decides where there is none, and only when it has
 * been quiet for a while.
 */

export interface TurnSituation {
  now: EpochMs
  /** Since the prompt was submitted, without the time that the timeout stood still, in ms. */
  runningMs: number
  timeoutMs: number
  sinceSubmitMs: number
  sameGeneration: boolean
  /** null: the pane is gone. */
  reading: Reading | null
  turn: Turn | null
  /** The agent keeps a record that says when a turn ended. */
  recordsEnds: boolean
  /** How long the session has looked idle without a break, in ms; 0 while it does not. */
  quietMs: number
  /** The session was seen busy since the prompt was submitted. */
  busySeen: boolean
  /** What of our prompt stands in the box: an Escape before the first output puts it back there. */
  composer: ComposerShows
  /** A person wants the turn stopped; ms since, or null. */
  interruptMs: number | null
  /** End of the usage limit that this turn met, as last read; null when it met none. */
  limitedUntil: EpochMs | null
}

export type TurnStep =
  | { do: 'wait' }
  /** The timeout stands still while a person is asked or a limit holds. */
  | { do: 'pause' }
  | { do: 'press_interrupt' }
  | { do: 'end'; outcome: 'completed'; because: null }
  | { do: 'end'; outcome: 'failed' | 'timed_out' | 'interrupted' | 'agent_gone'; because: string }
  /** The limit is over and the agent did not go on by itself. */
  | { do: 'resume' }

/** A screen without a record must be idle for this long before its turn counts as ended. */
export const quietWithoutRecordMs = 1_500
/** The record of an agent that has one says nothing, yet the screen is idle for this long: trust the screen. */
export const quietAgainstRecordMs = 10_000
/** Transcripts show a turn's end 0–150 ms after the screen (measured); under load this much is allowed. */
export const transcriptFollowsMs = 1_000
/** A turn that was never seen busy may simply have been short; before this it may not have begun. */
export const shortTurnMs = 3_000
/** Claude continues by itself after a limit, some seconds late; only then is it reminded. */
export const resumeAfterLimitMs = 30_000

export function nextTurnStep(now: TurnSituation): TurnStep {
  if (now.turn?.endedAt != null && isCertain(now, now.turn, now.turn.endedAt)) return byRecord(now, now.turn)
  if (!now.reading || !now.sameGeneration) {
    return { do: 'end', outcome: 'agent_gone', because: 'the agent ended before its turn did' }
  }
  if (now.limitedUntil !== null) return duringLimit(now, now.reading)
  if (now.interruptMs !== null && isWorking(now.reading)) return { do: 'press_interrupt' }
  if (asksPerson(now.reading)) return { do: 'pause' }
  if (isQuiet(now)) return byScreen(now, now.reading)
  if (now.runningMs > now.timeoutMs) return timedOut(now)
  return { do: 'wait' }
}

/**
 * A hook tells of the end 60–170 ms before the agent shows it (measured), and another hook of the agent's user
 * may make it go on: the session has to look idle as well. The transcript, which follows, knows the tokens.
 */
function isCertain(now: TurnSituation, { endBy, how }: Turn, endedAt: EpochMs): boolean {
  if (endBy !== 'hook' || how === 'limited' || !now.reading || !now.sameGeneration) return true
  return now.quietMs > 0 && (!now.recordsEnds || now.now - endedAt >= transcriptFollowsMs)
}

function byRecord(now: TurnSituation, turn: Turn): TurnStep {
  if (turn.how === 'limited') return now.reading ? duringLimit(now, now.reading) : endedWith(turn)
  return endedWith(turn)
}

function endedWith(turn: Turn): TurnStep {
  if (turn.how === 'completed') return { do: 'end', outcome: 'completed', because: null }
  if (turn.how === 'interrupted') {
    return { do: 'end', outcome: 'interrupted', because: 'the turn was interrupted' }
  }
  return { do: 'end', outcome: 'failed', because: turn.error ?? 'the turn ended with an error' }
}

/**
 * While the limit holds nothing is done. When it is over the agent may go on by itself (then it is busy, and
 * the caller forgets the limit); if it is idle instead, it is told to go on.
 */
function duringLimit(now: TurnSituation, reading: Reading): TurnStep {
  const over = now.now >= (now.limitedUntil ?? 0) + resumeAfterLimitMs
  if (!over) return now.interruptMs === null ? { do: 'pause' } : interruptedWhileLimited()
  if (!now.sameGeneration) {
    return {
      do: 'end',
      outcome: 'agent_gone',
      because: 'the agent ended while it waited for its usage limit',
    }
  }
  return reading.acceptsPrompt || reading.state === 'limited' ? { do: 'resume' } : { do: 'pause' }
}

function interruptedWhileLimited(): TurnStep {
  return { do: 'end', outcome: 'interrupted', because: 'interrupted while a usage limit held it' }
}

function byScreen(now: TurnSituation, reading: Reading): TurnStep {
  if (now.composer === 'ours') {
    return { do: 'end', outcome: 'interrupted', because: 'the agent gave the prompt back to its input box' }
  }
  if (now.interruptMs !== null) {
    return { do: 'end', outcome: 'interrupted', because: 'the turn was interrupted' }
  }
  if (reading.state === 'error') {
    return { do: 'end', outcome: 'failed', because: errorOf(reading) }
  }
  return { do: 'end', outcome: 'completed', because: null }
}

function timedOut({ timeoutMs }: TurnSituation): TurnStep {
  const minutes = Math.round(timeoutMs / 60_000)
  const limit = minutes > 0 ? counted(minutes, 'minute') : `${Math.round(timeoutMs / 1_000)} s`
  return { do: 'end', outcome: 'timed_out', because: `it did not end within ${limit}` }
}

function isQuiet(now: TurnSituation): boolean {
  // An interrupted turn may leave no line in any record.
  const stopped = now.interruptMs !== null || now.composer === 'ours'
  if (stopped) return now.quietMs >= quietWithoutRecordMs
  if (now.recordsEnds) return now.quietMs >= quietAgainstRecordMs
  if (now.quietMs < quietWithoutRecordMs) return false
  return now.busySeen || now.sinceSubmitMs >= shortTurnMs
}

function isWorking({ state }: Reading): boolean {
  return state === 'busy' || state === 'permission' || state === 'question'
}

function asksPerson({ state }: Reading): boolean {
  return state === 'permission' || state === 'question' || state === 'menu' || state === 'onboarding'
}

function errorOf(reading: Reading): string {
  const said = reading.evidence.find((piece) => piece.state === 'error')
  return said ? `the agent shows an error: ${said.says}` : 'the agent shows an error'
}
