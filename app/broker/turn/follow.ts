import type { DeliveryProfile, SessionReading } from '../../core/agent.ts'
import type { SessionState } from '../../core/session.ts'
import type { EpochMs } from '../../core/clock.ts'
import { AwayError, isSilence } from '../../core/errors.ts'
import type { Prompt } from '../../core/prompt.ts'
import type { Turn } from '../../core/turn.ts'
import { composerShows } from '../delivery/composer.ts'
import type { Fleet, LiveSession } from '../../core/fleet.ts'
import type { Tools } from '../tools.ts'
import { nextTurnStep, shortTurnMs, type TurnSituation, type TurnStep } from './decide.ts'

/** A submitted text whose turn is followed to its end. */
export interface Following {
  sessionKey: string
  generation: string
  text: string
  /** Nothing in the agent's record before this belongs to the turn. */
  since: EpochMs
  submittedAt: EpochMs
  /** When this text was submitted: a screen that has been quiet since before says nothing about its turn. */
  beganAt: EpochMs
  timeoutMs: number
  /** Time that the timeout stood still so far, in ms. */
  pausedMs: number
  profile: DeliveryProfile
  agentCommand: boolean
  /** The prompt's row, read again at every step: a person may have decided something. */
  reload(): Promise<Prompt>
  onLimited(until: EpochMs): Promise<void>
  /** The timeout has stood still for so long in all, in ms; told when it runs on, and now and then before. */
  onPaused(pausedMs: number): Promise<void>
  /** It stands still from now on: the session shows a dialog, or a limit. */
  onStill(state: SessionState): Promise<void>
}

export interface Followed {
  step: Extract<TurnStep, { do: 'end' | 'resume' }> | { do: 'overtaken' }
  turn: Turn | null
  session: LiveSession | null
  pausedMs: number
}

/** A turn is over only by a reading that is not older than this. */
const freshForMs = 1_000
/** Without any news the situation is weighed again after this. */
const weighEveryMs = 1_000
/** Between two presses of the interrupt keys. */
const pressAgainMs = 3_000
/** Another assigner that takes over knows of a pause but for its last part. */
const tellPauseMs = 30_000
/** An agent that seems gone may be in the middle of an update of itself, or suspended for a moment. */
const goneForMs = 2_000

/** Follows a turn until it ended, must be resumed after a limit, or was settled by somebody else. */
export async function followTurn(
  tools: Tools,
  fleet: Fleet,
  turn: Following,
  signal: AbortSignal,
): Promise<Followed> {
  const state: State = {
    ...turn,
    busySeen: false,
    toldMs: turn.pausedMs,
    pressedAt: 0,
    limitedUntil: null,
    goneSince: null,
    lastReading: null,
    lookedAgainAt: -Infinity,
    at: tools.clock.now(),
    standsStill: false,
  }
  for (;;) {
    signal.throwIfAborted()
    if (fleet.awaySince !== null) throw new AwayError(`${tools.host.node} can't be heard.`)
    const prompt = await turn.reload()
    if (prompt.state !== 'in_progress') {
      return { step: { do: 'overtaken' }, turn: null, session: null, pausedMs: state.pausedMs }
    }
    const session = sessionOf(fleet, turn, state, tools.clock.now())
    if (session !== 'unsure') {
      state.lastReading = session?.reading ?? state.lastReading
      const record = await recordOf(tools, turn, state.lastReading)
      passTime(state, tools.clock.now())
      await noticeLimit(turn, state, session, record, tools.clock.now())
      const step = nextTurnStep(situationOf(tools, turn, state, session, record, prompt))
      if (isLast(step) && session && isOld(session, state, tools.clock.now())) {
        await lookAgain(fleet, state, session)
        continue
      }
      await standStill(turn, state, step)
      if (isLast(step)) {
        return { step, turn: record, session, pausedMs: state.pausedMs }
      }
      if (step.do === 'press_interrupt' && session) await pressInterrupt(tools, turn, state, session)
    }
    await fleet.next(turn.sessionKey, weighEveryMs, signal)
  }
}

interface State {
  busySeen: boolean
  pressedAt: EpochMs
  pausedMs: number
  /** What `onPaused` was told last. */
  toldMs: number
  limitedUntil: EpochMs | null
  goneSince: EpochMs | null
  lastReading: SessionReading | null
  /** When the reading was made that a look confirmed. */
  lookedAgainAt: EpochMs
  /** When the situation was last weighed, and whether the timeout has stood still since. */
  at: EpochMs
  standsStill: boolean
}

function isLast(step: TurnStep): step is Extract<TurnStep, { do: 'end' | 'resume' }> {
  return step.do === 'end' || step.do === 'resume'
}

/**
 * A node that was cut off is missed only after a while: what it told last may be older than the prompt, and that
 * nothing came since is no sign of rest.
 */
function isOld({ at }: LiveSession, { lookedAgainAt }: State, now: EpochMs): boolean {
  return now - at > freshForMs && at !== lookedAgainAt
}

/** Throws `AwayError` where the node can't be heard. */
async function lookAgain(fleet: Fleet, state: State, { pane, at }: LiveSession) {
  try {
    state.lookedAgainAt = (await fleet.refresh(pane))?.at ?? at
  } catch (error) {
    if (!isSilence(error)) throw error
    // A tmux that does not answer says nothing else either.
    state.lookedAgainAt = at
  }
}

function sessionOf(fleet: Fleet, turn: Following, state: State, now: EpochMs): LiveSession | null | 'unsure' {
  const session = fleet.get(turn.sessionKey)
  if (session?.reading.generation === turn.generation) {
    state.goneSince = null
    return session
  }
  state.goneSince ??= now
  return now - state.goneSince < goneForMs ? 'unsure' : null
}

/** Also of an agent that is gone: its record may tell that the turn had ended before. */
async function recordOf(tools: Tools, turn: Following, reading: SessionReading | null): Promise<Turn | null> {
  if (!reading || turn.agentCommand || reading.record === 'nothing') return null
  return tools.reader.findTurn(reading, turn.text, turn.since)
}

/**
 * A limit is remembered until the agent works again. Right after a text was submitted the screen may still show
 * the notice of the limit that is over.
 */
async function noticeLimit(
  turn: Following,
  state: State,
  session: LiveSession | null,
  record: Turn | null,
  now: EpochMs,
) {
  if (session?.reading.state === 'busy') {
    state.busySeen = true
    state.limitedUntil = null
    return
  }
  const isFresh = state.busySeen || now - turn.beganAt >= shortTurnMs
  const limited = (session?.reading.state === 'limited' && isFresh) || record?.how === 'limited'
  if (!limited || state.limitedUntil !== null) return
  // The record knows the day on which it was said; a time on the screen may be of any day.
  state.limitedUntil = record?.limitedUntil ?? session?.reading.limitedUntil ?? now + unknownLimitMs
  await turn.onLimited(state.limitedUntil)
}

/** An agent that does not say when its limit ends is asked again after this. */
const unknownLimitMs = 30 * 60_000

function situationOf(
  tools: Tools,
  turn: Following,
  state: State,
  session: LiveSession | null,
  record: Turn | null,
  prompt: Prompt,
): TurnSituation {
  const now = tools.clock.now()
  return {
    now,
    runningMs: now - turn.submittedAt - state.pausedMs,
    timeoutMs: turn.timeoutMs,
    sinceSubmitMs: now - turn.beganAt,
    sameGeneration: session !== null,
    reading: session?.reading ?? null,
    turn: record,
    recordsEnds: !turn.agentCommand && session?.reading.record === 'turns',
    quietMs: session?.quietSince == null ? 0 : now - Math.max(session.quietSince, turn.beganAt),
    busySeen: state.busySeen,
    composer: composerShows(session?.reading.composer ?? null, turn.text, turn.profile.pastedPattern),
    interruptMs: prompt.interruptRequestedAt === null ? null : now - prompt.interruptRequestedAt,
    limitedUntil: state.limitedUntil,
  }
}

/** What passed since the last look belongs to what was true then: a machine may have slept meanwhile. */
function passTime(state: State, now: EpochMs) {
  if (state.standsStill) state.pausedMs += now - state.at
  state.at = now
}

async function standStill(turn: Following, state: State, step: TurnStep) {
  const stoodStill = state.standsStill
  state.standsStill = step.do === 'pause'
  if (state.standsStill && !stoodStill && state.lastReading) await turn.onStill(state.lastReading.state)
  const untoldMs = state.pausedMs - state.toldMs
  if (untoldMs === 0 || (state.standsStill && untoldMs < tellPauseMs)) return
  state.toldMs = state.pausedMs
  await turn.onPaused(state.pausedMs)
}

async function pressInterrupt(tools: Tools, turn: Following, state: State, session: LiveSession) {
  const now = tools.clock.now()
  if (now - state.pressedAt < pressAgainMs) return
  state.pressedAt = now
  for (const keys of turn.profile.interrupt) {
    const look = await tools.host.look(session.pane)
    const reading = tools.reader.read(look)
    if (reading.generation !== turn.generation || reading.acceptsPrompt) return
    await tools.host.press(look, keys, look.marker).catch((error: unknown) => {
      if (!isSilence(error)) throw error
    })
    await tools.clock.sleep(300)
  }
}
