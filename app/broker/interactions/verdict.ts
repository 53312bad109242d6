import type { SessionReading } from '../../core/agent.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { Dialog } from '../../core/dialog.ts'
import type { Look } from '../../core/host.ts'

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

/** How far an answer has come. */
export interface Progress {
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

/** What a look found in place of the dialog that was decided on; `silent`: tmux does not answer. */
export type Seen =
  | 'silent'
  | { state: 'same'; look: Look; reading: SessionReading; dialog: Dialog }
  | { state: 'another' | 'none' | 'ended'; look: Look | null }

/** A dialog that is redrawn in steps is another one, or none, for a moment. */
const settlesWithinMs = 400
/** Gemini takes a digit after most of a second; a loaded machine takes several times as long. */
const closesWithinMs = 8_000
/** As long as the pane takes no keys (copy mode, somebody else types). */
const blockedForMs = 1_500
/** For all of it, the words of one's own included. */
const mayTakeMs = 10_000

/** What became of an answer that was begun then; null: it goes on. */
export function judge(
  byRule: boolean,
  progress: Progress,
  seen: Seen,
  begun: EpochMs,
  now: EpochMs,
): Given | null {
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

/** Nothing was pressed that answers. */
export function never(because: string): Given {
  return { how: 'never', because }
}
