import type { AgentReader, SessionReading } from '../../core/agent.ts'
import type { Clock, EpochMs } from '../../core/clock.ts'
import type { Dialog } from '../../core/dialog.ts'
import { isAppError } from '../../core/errors.ts'
import type { Look, PaneRef, SessionHost, StepResult } from '../../core/host.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import { markAnswer, readAnswer } from '../delivery/marker.ts'
import { areInputRowsGuarded, guardsOf } from './guards.ts'
import { wrongBoxes } from './next-box-key.ts'
import { nextKey, type KeyStep } from './next-key.ts'

export interface GiveTools {
  host: SessionHost
  reader: AgentReader
  clock: Clock
}

/** One answer on its way into one dialog. */
export interface Giving {
  pane: PaneRef
  generation: string
  /** Of the dialog that was decided on; any other one is refused. */
  digest: string
  answer: InteractionAnswer
  /** Names this answer in the pane's marker. */
  token: string
  /** A rule gives it: nothing may be in doubt, and people go first. */
  byRule: boolean
  /** Takes or renews the right to write into the pane; false while somebody else has it. */
  hold(): Promise<boolean>
}

/**
 * - `given`: the key was pressed and the dialog is gone.
 * - `never`: nothing was pressed that answers, and the same dialog is still there.
 * - `another`: nothing was pressed; another dialog stands there. `gone`: none does. `ended`: the agent is gone.
 * - `unknown`: the key was pressed, and the dialog is still there, or nothing can be seen.
 */
export interface Given {
  how: 'given' | 'never' | 'another' | 'gone' | 'ended' | 'unknown'
  because: string
}

const lookEveryMs = 40
/** A dialog that is redrawn in steps is another one, or none, for a moment. */
const settlesWithinMs = 400
/** Gemini takes a digit after most of a second; a loaded machine takes several times as long. */
const closesWithinMs = 8_000
/** As long as the pane takes no keys (copy mode, somebody else types). */
const blockedForMs = 1_500
/** For all of it, the words of one's own included. */
const mayTakeMs = 10_000

/**
 * Presses what an answer needs, each key only while tmux still sees the very dialog that was looked at. What a step
 * did is read from the marker by the next look, so that a lost answer of tmux' changes nothing. The key that
 * answers is pressed once at most, whatever happens; so is that of each box, and a key that moves only when the one
 * before it shows: two on their way at once end where nobody looked.
 */
export async function give(tools: GiveTools, giving: Giving, signal: AbortSignal): Promise<Given> {
  const begun = tools.clock.now()
  const progress: Progress = {
    pressedAt: null,
    typedAt: null,
    turned: new Set(),
    waitsFor: null,
    isUnheard: false,
    shownAtKey: null,
    refusedSince: null,
    last: null,
  }
  for (;;) {
    signal.throwIfAborted()
    const seen = await look(tools, giving)
    notice(tools, giving, progress, seen)
    const verdict = judge(tools, giving, progress, seen, begun)
    if (verdict) return verdict
    if (progress.pressedAt === null && seen !== 'silent' && seen.state === 'same') {
      await step(tools, giving, progress, seen.dialog)
    }
    await tools.clock.sleep(lookEveryMs, signal)
  }
}

interface Progress {
  pressedAt: EpochMs | null
  /** When words of one's own were first seen to be in. */
  typedAt: EpochMs | null
  /** Boxes whose key was pressed. */
  turned: Set<number>
  /** One of them that was last seen as it was before its key; null: each has had its effect. */
  waitsFor: number | null
  /** tmux did not say whether it pressed the key that answers, and has not answered since. */
  isUnheard: boolean
  /** What the dialog showed when the last key that answers nothing was pressed. */
  shownAtKey: string | null
  /** Since when the dialog has not been there, or the pane took no keys. */
  refusedSince: EpochMs | null
  /** Why nothing could be done last time. */
  last: Given | null
}

type Seen =
  | 'silent'
  | { state: 'same'; look: Look; reading: SessionReading; dialog: Dialog }
  | { state: 'another' | 'none' | 'ended'; look: Look | null }

async function look(tools: GiveTools, giving: Giving, searches: string[] = []): Promise<Seen> {
  const { host, reader } = tools
  const seen = await lookAt(host, giving.pane, searches)
  if (seen === 'silent') return 'silent'
  if (!seen) return { state: 'ended', look: null }
  const reading = reader.read(seen)
  if (reading.generation !== giving.generation) return { state: 'ended', look: seen }
  const dialog = reader.readDialog(seen, reading)
  if (!dialog) return { state: 'none', look: seen }
  if (dialog.digest !== giving.digest) return { state: 'another', look: seen }
  return { state: 'same', look: seen, reading, dialog }
}

async function lookAt(host: SessionHost, pane: PaneRef, searches: string[]): Promise<Look | null | 'silent'> {
  try {
    return await host.look(pane, searches)
  } catch (error) {
    if (isAppError(error, 'not_found')) return null
    if (isAppError(error, 'unavailable')) return 'silent'
    throw error
  }
}

/** The pane's marker says what tmux has pressed, now or before a crash. */
function notice({ clock }: GiveTools, { token, answer }: Giving, progress: Progress, seen: Seen) {
  if (seen === 'silent' || !seen.look) return
  progress.isUnheard = false
  const sent = readAnswer(seen.look.marker, token)
  if (sent?.phase === 'pressed') progress.pressedAt ??= clock.now()
  if (sent?.phase === 'typed') progress.typedAt ??= clock.now()
  for (const box of sent?.turned ?? []) progress.turned.add(box)
  if (seen.state === 'same') progress.waitsFor = boxWithoutEffect(seen.dialog, answer, progress.turned)
}

/** A box whose key was pressed for this answer and that does not show it; null: there is none. */
export function boxWithoutEffect(
  dialog: Pick<Dialog, 'options' | 'boxes'>,
  { boxes, text }: InteractionAnswer,
  turned: Iterable<number>,
): number | null {
  const wrong = boxes ? wrongBoxes(dialog, { boxes, text }) : []
  return [...turned].find((box) => wrong.includes(box)) ?? null
}

function judge(
  { clock }: GiveTools,
  { byRule }: Giving,
  progress: Progress,
  seen: Seen,
  begun: EpochMs,
): Given | null {
  const now = clock.now()
  if (progress.pressedAt !== null) return afterKey(progress.pressedAt, seen, now)
  const isLate = now - begun > mayTakeMs
  if (progress.waitsFor !== null && (seen === 'silent' || seen.state === 'same')) {
    return isLate ? afterBox(progress.waitsFor) : null
  }
  if (seen === 'silent') return isLate ? afterSilence(progress) : null
  if (isLate) return progress.last ?? never('the dialog took no answer in time')
  if (seen.state === 'ended') return { how: 'ended', because: 'the agent that asked is gone' }
  if (seen.state !== 'same') return vanished(progress, seen.state, now)
  if (byRule && !seen.reading.trusted) return never('its screen can no longer be read with certainty')
  progress.refusedSince = progress.last ? progress.refusedSince : null
  if (progress.last && now - (progress.refusedSince ?? now) > blockedForMs) return progress.last
  return null
}

function afterKey(pressedAt: EpochMs, seen: Seen, now: EpochMs): Given | null {
  if (seen !== 'silent' && seen.state !== 'same')
    return { how: 'given', because: 'the dialog went after the key' }
  if (now - pressedAt < closesWithinMs) return null
  return { how: 'unknown', because: 'the key was pressed, but the same dialog is still there' }
}

function afterSilence({ isUnheard }: Progress): Given {
  if (!isUnheard) return never('tmux does not answer')
  return { how: 'unknown', because: 'tmux does not answer, and has not said whether it pressed the key' }
}

/** Its key may still be on its way: who took it for not pressed would press it again, and undo it. */
function afterBox(box: number): Given {
  return { how: 'unknown', because: `the key of box ${box + 1} was pressed, and the box does not show it` }
}

function vanished(progress: Progress, state: 'another' | 'none', now: EpochMs): Given | null {
  progress.refusedSince ??= now
  if (now - progress.refusedSince < settlesWithinMs) return null
  return state === 'another'
    ? { how: 'another', because: 'the session asks something else by now' }
    : { how: 'gone', because: 'the dialog is not there any more' }
}

function never(because: string): Given {
  return { how: 'never', because }
}

/** Looks once more, with searches for every row of the dialog, and presses one key if all is as it was. */
async function step(tools: GiveTools, giving: Giving, progress: Progress, before: Dialog) {
  if (!(await giving.hold())) return hinder(tools, progress, 'somebody else types into the pane')
  const seen = await look(tools, giving, guardsOf(before))
  if (seen === 'silent' || seen.state !== 'same') return
  const { dialog, look: now } = seen
  const block = blockOf(now)
  if (block !== null) return hinder(tools, progress, block)
  if (giving.byRule && !areInputRowsGuarded(dialog, now))
    return hinder(tools, progress, 'what it asks for stands on the screen twice')
  const keys = tools.reader.dialogKeysOf(seen.reading.agent ?? '')
  if (!keys) return hinder(tools, progress, 'how this agent is answered is not known; answer in the pane')
  const { typedAt } = progress
  const settleMs = tools.reader.profileOf(seen.reading.agent ?? '').settleMs
  if (typedAt !== null && tools.clock.now() - typedAt < settleMs) return
  if (progress.shownAtKey === stateOf(dialog)) return
  const next = nextKey(dialog, giving.answer, keys, { typed: typedAt !== null, turned: progress.turned })
  if (next.do === 'refuse') return hinder(tools, progress, next.because)
  const result = await perform(tools.host, giving, progress, now, next)
  progress.last = result === 'refused' ? never('the pane changes faster than it can be answered') : null
  if (result === 'refused' || next.do !== 'press') return
  if (next.phase === 'moved') progress.shownAtKey = stateOf(dialog)
  if (next.turns !== undefined && result === 'done') progress.turned.add(next.turns)
  if (next.phase === 'pressed' && result === 'done') progress.pressedAt = tools.clock.now()
  if (next.phase === 'pressed' && result === 'unheard') progress.isUnheard = true
}

/** What a key that answers nothing can change in a dialog. */
function stateOf({ options, selected, notes, boxes }: Dialog): string {
  return JSON.stringify([selected, notes, boxes, options.map(({ label, ticked }) => [label, ticked])])
}

function hinder({ clock }: GiveTools, progress: Progress, because: string) {
  progress.refusedSince ??= clock.now()
  progress.last = never(because)
}

/** What keeps a pane from taking keys, in words. */
function blockOf({ dead, inMode, inputOff }: Look): string | null {
  if (dead) return 'the pane is dead'
  if (inMode) return 'somebody scrolls in the pane (copy mode)'
  return inputOff ? "the pane's input is switched off" : null
}

/** A step whose answer was lost is not repeated: the next look reads from the marker whether it ran. */
async function perform(
  host: SessionHost,
  { token }: Giving,
  { turned }: Progress,
  seen: Look,
  next: Exclude<KeyStep, { do: 'refuse' }>,
): Promise<StepResult | 'unheard'> {
  try {
    if (next.do === 'wait') return 'unheard'
    if (next.do === 'paste')
      return await host.paste(seen, next.text, markAnswer(seen.marker, 'typed', token, turned))
    const turns = next.turns === undefined ? turned : [...turned, next.turns]
    return await host.press(seen, next.keys, markAnswer(seen.marker, next.phase, token, turns))
  } catch (error) {
    if (isAppError(error, 'unavailable') || isAppError(error, 'not_found')) return 'unheard'
    throw error
  }
}
