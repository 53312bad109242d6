import type { AgentReader } from '../../core/agent.ts'
import type { Clock } from '../../core/clock.ts'
import type { Dialog } from '../../core/dialog.ts'
import { isAppError } from '../../core/errors.ts'
import { paneOf, type Look, type PaneRef, type SessionHost, type StepResult } from '../../core/host.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import type { StoredInteraction } from '../../db/interaction/row.ts'
import { markAnswer, readAnswer } from '../delivery/marker.ts'
import { areInputRowsGuarded, guardsOf } from './guards.ts'
import { boxWithoutEffect } from './next-box-key.ts'
import { nextKey, type KeyStep } from './next-key.ts'
import { judge, never, type Given, type Progress, type Seen } from './verdict.ts'

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
  /** Why it may not be given any more to the session in the pane, which has this name by now; null: it may. */
  whyNot?: (sessionName: string) => Promise<string | null>
}

/** What was decided on and with what, as its row has it. */
export function storedAnswer(
  { sessionKey, generation, screenDigest }: StoredInteraction,
  answer: InteractionAnswer,
  token: string,
): Pick<Giving, 'pane' | 'generation' | 'digest' | 'answer' | 'token'> {
  return { pane: paneOf(sessionKey), generation, digest: screenDigest ?? '', answer, token }
}

const lookEveryMs = 40
/** A key that comes while a dialog is still being set up may be lost: Claude's tabs of questions did that. */
const heedsKeysAfterMs = 250
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
  await tools.clock.sleep(heedsKeysAfterMs, signal)
  for (;;) {
    signal.throwIfAborted()
    const seen = await look(tools, giving)
    notice(tools, giving, progress, seen)
    const verdict = judge(giving.byRule, progress, seen, begun, tools.clock.now())
    if (verdict) return verdict
    if (progress.pressedAt === null && seen !== 'silent' && seen.state === 'same') {
      await step(tools, giving, progress, seen.dialog)
    }
    await tools.clock.sleep(lookEveryMs, signal)
  }
}

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

/** Looks once more, with searches for every row of the dialog, and presses one key if all is as it was. */
async function step(tools: GiveTools, giving: Giving, progress: Progress, before: Dialog) {
  if (!(await giving.hold())) return hinder(tools, progress, 'somebody else types into the pane')
  const seen = await look(tools, giving, guardsOf(before))
  if (seen === 'silent' || seen.state !== 'same') return
  const { dialog, look: now } = seen
  const forbidden = (await giving.whyNot?.(now.sessionName)) ?? null
  if (forbidden !== null) return hinder(tools, progress, forbidden)
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
