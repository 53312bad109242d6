import type { DeliveryProfile, SessionReading } from '../../core/agent.ts'
import type { EpochMs } from '../../core/clock.ts'
import { isAppError, isSilence } from '../../core/errors.ts'
import type { Look, PaneRef, StepResult } from '../../core/host.ts'
import { textToPaste } from '../../core/prompt-text.ts'
import type { Evidence } from '../../core/session.ts'
import type { PaneLease } from '../pane-lease.ts'
import type { Tools } from '../tools.ts'
import { composerShows } from './composer.ts'
import { nextStep, type Situation, type Step } from './decide.ts'
import { readMarker, writeMarker } from './marker.ts'

/** One text on its way into one pane. */
export interface Delivery {
  pane: PaneRef
  /** Normalised, as `normalisePromptText` leaves it. */
  text: string
  /** Names this delivery in the pane's marker. */
  token: string
  /** The agent that the text is meant for; another one in the same pane does not get it. */
  generation: string
  profile: DeliveryProfile
  agentCommand: boolean
  lease: PaneLease
  /** Nothing in the agent's record before this can be our prompt. */
  since: EpochMs
  /** How far an earlier process of ours says that it got. */
  phase: Situation['phase']
  /** Told after each step that was done, with the screen before it. */
  onStep(step: 'typed' | 'entered', enters: number, look: Look): Promise<void>
  /** Told when it waits for something else than before. */
  onWait(because: string): void
}

export interface Delivered {
  verdict: 'submitted' | 'given_back' | 'doubt'
  because: string
  /** The last look, for the record. */
  look: Look | null
  evidence: Evidence[]
}

/** How often a pane is looked at while a delivery waits, in ms. */
const lookEveryMs = 40
/** tmux does not answer for this long: the pane counts as gone. */
const hostSilentForMs = 15_000

/**
 * Takes one text into one agent, from wherever it stands. What a step did is read from the marker by the next
 * look, never from the step's own answer, so that a lost answer changes nothing. Returns the verdict; throws
 * `AwayError` where the node can't be heard any more, the signal's reason, or what is a bug.
 */
export async function deliver(tools: Tools, delivery: Delivery, signal: AbortSignal): Promise<Delivered> {
  const now = tools.clock.now()
  const progress: Progress = {
    phase: delivery.phase,
    enters: 0,
    enterSent: delivery.phase !== 'claimed',
    stepAt: now,
    busySeen: false,
    heardAt: now,
    refusals: 0,
    lastReading: null,
    waitsBecause: null,
  }
  for (;;) {
    signal.throwIfAborted()
    const seen = await observe(tools, delivery, progress)
    const epoch = seen.look && (await delivery.lease.hold())
    const step = nextStep(situationOf(tools, delivery, progress, seen, epoch))
    const verdict = verdictOf(step, seen)
    if (verdict) return verdict
    noteWait(delivery, progress, step)
    const ran =
      seen.look && epoch !== null ? await perform(tools, delivery, progress, step, seen.look, epoch) : false
    if (!ran) await tools.clock.sleep(lookEveryMs, signal)
  }
}

interface Progress {
  phase: Situation['phase']
  enters: number
  /** True from the start where an earlier process recorded its paste: its Enter may have followed. */
  enterSent: boolean
  stepAt: EpochMs
  busySeen: boolean
  /** When tmux last answered. */
  heardAt: EpochMs
  /** Pastes that the guard refused in a row. */
  refusals: number
  /** Of the agent that the text is meant for. */
  lastReading: SessionReading | null
  waitsBecause: string | null
}

interface Seen {
  look: Look | null
  reading: SessionReading | null
  promptSeen: boolean
}

async function observe(tools: Tools, delivery: Delivery, progress: Progress): Promise<Seen> {
  const look = await lookAt(tools, delivery, progress)
  if (!look) return { look, reading: null, promptSeen: await isRecorded(tools, delivery, progress) }
  const reading = tools.reader.read(look)
  await noticeStep(tools, delivery, progress, look)
  if (reading.state === 'busy' && progress.phase !== 'claimed') progress.busySeen = true
  if (reading.generation === delivery.generation) progress.lastReading = reading
  return { look, reading, promptSeen: await isRecorded(tools, delivery, progress) }
}

/** Whether the agent's own record shows the prompt; also asked of an agent that is gone. */
async function isRecorded(
  tools: Tools,
  delivery: Delivery,
  { phase, lastReading }: Progress,
): Promise<boolean> {
  if (delivery.agentCommand || phase === 'claimed' || !hasRecord(lastReading)) return false
  return (await tools.reader.findTurn(lastReading, delivery.text, delivery.since)) !== null
}

/** The pane's marker is ahead of what we know: a step of ours ran, now or before a crash. */
async function noticeStep(tools: Tools, delivery: Delivery, progress: Progress, look: Look) {
  const marker = readMarker(look.marker, delivery.token)
  if (!marker) return
  if (rank[marker.phase] < rank[progress.phase] || marker.enters < progress.enters) return
  if (marker.phase === progress.phase && marker.enters === progress.enters) return
  progress.phase = marker.phase
  progress.enters = marker.enters
  progress.stepAt = tools.clock.now()
  progress.busySeen = false
  await delivery.onStep(marker.phase, marker.enters, look)
}

const rank: Record<Situation['phase'], number> = { claimed: 0, typed: 1, entered: 2 }

/** null: the pane is gone, or tmux has been silent for so long that it counts as gone. */
async function lookAt(tools: Tools, delivery: Delivery, progress: Progress): Promise<Look | null> {
  const now = tools.clock.now()
  try {
    const look = await tools.host.look(delivery.pane, delivery.profile.guards)
    progress.heardAt = now
    return look
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    if (!isSilence(error)) throw error
    if (now - progress.heardAt > hostSilentForMs) return null
    await tools.clock.sleep(lookEveryMs * 5)
    return lookAt(tools, delivery, progress)
  }
}

function situationOf(
  tools: Tools,
  delivery: Delivery,
  progress: Progress,
  seen: Seen,
  epoch: number | null,
): Situation {
  const { reading } = seen
  const { profile } = delivery
  return {
    phase: progress.phase,
    enters: progress.enters,
    sinceStepMs: tools.clock.now() - progress.stepAt,
    sameGeneration: reading?.generation === delivery.generation,
    reading,
    composer: composerShows(
      reading?.composer ?? null,
      delivery.text,
      profile.pastedPattern,
      delivery.agentCommand,
    ),
    promptSeen: seen.promptSeen,
    blocked: seen.look ? blockOf(seen.look, epoch) : null,
    refusals: progress.refusals,
    busySeen: progress.busySeen,
    hasTranscript: !delivery.agentCommand && hasRecord(progress.lastReading),
    enterSent: progress.enterSent,
    marked: seen.look !== null && readMarker(seen.look.marker, delivery.token) !== null,
    settleMs: profile.settleMs,
    agentCommand: delivery.agentCommand,
  }
}

function hasRecord(reading: SessionReading | null): reading is SessionReading {
  return reading !== null && reading.record !== 'nothing'
}

/** What keeps a pane from taking our keys, in words. */
function blockOf(look: Look, epoch: number | null): string | null {
  if (look.dead) return 'the pane is dead'
  if (look.inMode) return 'somebody scrolls in the pane (copy mode)'
  if (look.inputOff) return "the pane's input is switched off"
  return epoch === null ? 'somebody else types into the pane' : null
}

function verdictOf(step: Step, { look, reading }: Seen): Delivered | null {
  const evidence = reading?.evidence ?? []
  if (step.do === 'confirm') return { verdict: 'submitted', because: step.proof, look, evidence }
  if (step.do === 'give_back') return { verdict: 'given_back', because: step.because, look, evidence }
  if (step.do === 'doubt') return { verdict: 'doubt', because: step.because, look, evidence }
  return null
}

function noteWait(delivery: Delivery, progress: Progress, step: Step) {
  const because = step.do === 'wait' ? step.because : null
  if (because !== null && because !== progress.waitsBecause) delivery.onWait(because)
  progress.waitsBecause = because
}

/** Returns whether something was sent, so that the next look follows at once. */
async function perform(
  tools: Tools,
  delivery: Delivery,
  progress: Progress,
  step: Step,
  look: Look,
  epoch: number,
): Promise<boolean> {
  if (step.do === 'paste') {
    const marker = writeMarker({ phase: 'typed', token: delivery.token, enters: 0, epoch })
    const result = await tried(() => tools.host.paste(look, textToPaste(delivery.text), marker))
    progress.refusals = result === 'refused' ? progress.refusals + 1 : 0
    return result === 'done'
  }
  if (step.do === 'enter') {
    const enters = progress.enters + 1
    const marker = writeMarker({ phase: 'entered', token: delivery.token, enters, epoch })
    progress.enterSent = true
    return (await tried(() => tools.host.submit(look, marker))) === 'done'
  }
  return false
}

/** A step whose answer was lost is not repeated: the next look reads from the marker whether it ran. */
async function tried(step: () => Promise<StepResult>): Promise<StepResult | 'unheard'> {
  try {
    return await step()
  } catch (error) {
    if (isSilence(error) || isAppError(error, 'not_found')) return 'unheard'
    throw error
  }
}
