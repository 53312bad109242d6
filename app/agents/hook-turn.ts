import type { EpochMs } from '../core/clock.ts'
import type { Evidence } from '../core/session.ts'
import type { Turn } from '../core/turn.ts'
import type { HookEntry } from './hook-record.ts'
import { parseLimitTime } from './limit-time.ts'
import { sameArrivedText } from './transcript/arrived.ts'
import { noEnd } from './transcript/recorded-turn.ts'

/**
 * The turn that the first prompt equal to `text` since then began, as the hooks told it; null when they told of
 * none. `endedAt` is null while it runs, and also where hooks can't know: nothing comes after Escape, Gemini
 * says the same for a failure and for silence, and a prompt that was queued behind a running turn is told under
 * that turn's id.
 */
export function hookTurn(record: readonly HookEntry[], text: string, since: EpochMs): Turn | null {
  const at = record.findIndex(
    (entry) => entry.type === 'prompt_received' && entry.at >= since && sameArrivedText(text, entry.text),
  )
  const receipt = record[at]
  if (!receipt) return null
  const seen = { ...noEnd, promptSeenAt: receipt.at, sessionId: receipt.conversation }
  if (wasQueued(record, at)) return seen
  const end = turnOf(record, at).findLast(isEnd)
  return end ? { ...seen, ...endingOf(end) } : seen
}

/** The hooks told of a turn and not of its end. */
export function isTurnOpen(record: readonly HookEntry[]): boolean {
  const at = record.findLastIndex(({ type }) => type === 'prompt_received')
  return at >= 0 && !turnOf(record, at).some((entry) => isEnd(entry) || entry.type === 'session_ended')
}

/** The last thing that the hooks told, for `explain`. */
export function hookEvidence(record: readonly HookEntry[]): Evidence[] {
  const last = record.at(-1)
  return last
    ? [{ source: 'hook', at: last.at, says: `its hook told that ${sentences[last.type](last)}` }]
    : []
}

type Ending = Extract<HookEntry, { type: 'turn_ended' | 'turn_failed' }>

function isEnd(entry: HookEntry): entry is Ending {
  return entry.type === 'turn_ended' || entry.type === 'turn_failed'
}

/** A prompt that comes while a turn runs carries that turn's id. */
function wasQueued(record: readonly HookEntry[], at: number): boolean {
  const turnId = record[at]?.turnId ?? null
  return turnId !== null && record.slice(0, at).some((entry) => entry.turnId === turnId)
}

/** What was told of the turn after its prompt: by the turn's id, or up to the next prompt where it has none. */
function turnOf(record: readonly HookEntry[], at: number): HookEntry[] {
  const turnId = record[at]?.turnId ?? null
  const after = record.slice(at + 1)
  if (turnId !== null)
    return after.filter((entry) => entry.turnId === turnId || entry.type === 'session_ended')
  const next = after.findIndex(({ type }) => type === 'prompt_received')
  return next < 0 ? after : after.slice(0, next)
}

function endingOf(end: Ending): Partial<Turn> {
  if (end.type === 'turn_ended') {
    if (end.answer === null) return {}
    return { endBy: 'hook', endedAt: end.at, how: 'completed', answer: end.answer, answerBy: 'hook' }
  }
  if (end.error === 'rate_limit') {
    const limitedUntil = parseLimitTime(end.says ?? '', end.at)
    return { endBy: 'hook', endedAt: end.at, how: 'limited', limitedUntil, error: end.says }
  }
  return { endBy: 'hook', endedAt: end.at, how: 'error', error: end.says ?? end.error }
}

const sentences: { [Type in HookEntry['type']]: (entry: HookEntry) => string } = {
  prompt_received: () => 'it received a prompt',
  turn_ended: () => 'its turn ended',
  turn_failed: (entry) => `its turn failed (${entry.type === 'turn_failed' ? entry.error : ''})`,
  permission_asked: (entry) => `it asks to use ${entry.type === 'permission_asked' ? entry.tool : 'a tool'}`,
  question_asked: () => 'it asks a question',
  session_started: () => 'its conversation began',
  session_ended: () => 'its conversation ended',
  notification: () => 'it has something to say',
  compacting: () => 'it shortens its conversation',
}
