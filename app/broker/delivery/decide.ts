import type { Reading } from '../../core/session.ts'
import type { ComposerShows } from './composer.ts'

/*
 * Delivery is one function from what is known to the next step. The driver (`pursue.ts`) looks, asks, does, and
 * looks again; after a crash it does just the same, because everything that counts is in the pane's marker,
 * the composer and the agent's transcript.
 */

/** All that the next step of a delivery depends on. */
export interface Situation {
  /** How far it got, by marker or database, whichever is further. */
  phase: 'claimed' | 'typed' | 'entered'
  enters: number
  /** Since the last step was done, in ms. */
  sinceStepMs: number
  /** The pane holds the same agent process as when the prompt was claimed. */
  sameGeneration: boolean
  /** null: the pane is gone. */
  reading: Reading | null
  composer: ComposerShows
  /** Why the pane takes no keys at all now; null when it does. */
  blocked: string | null
  /** Pastes in a row that tmux refused because the pane was no longer as it had been seen. */
  refusals: number
  /** The agent's own record shows our text as a prompt that it got after the claim. */
  promptSeen: boolean
  /** The agent was seen busy since the last step. */
  busySeen: boolean
  /** The agent keeps a record that we can read, so that `promptSeen` being false means something. */
  hasTranscript: boolean
  /** An Enter was sent, or may have been by an earlier process: only our marker tells whether it ran. */
  enterSent: boolean
  /** The pane carries our marker. A new tmux server gives out the same pane ids again, without it. */
  marked: boolean
  settleMs: number
  /** The text is a command of the agent, which opens a list of commands above the box. */
  agentCommand: boolean
}

export type Step =
  | { do: 'paste' }
  | { do: 'enter' }
  | { do: 'wait'; because: string }
  /** Proof that the agent took the prompt. */
  | { do: 'confirm'; proof: string }
  /** Proof that it did not, and can't any more. */
  | { do: 'give_back'; because: string }
  /** Neither can be known from here: a person or late evidence decides. */
  | { do: 'doubt'; because: string }

/** A TUI that redraws late shows a paste after up to this long (scripted and real agents under load). */
export const pasteVisibleWithinMs = 6_000
/** An Enter that a TUI swallowed is repeated after this; real ones submit within 300 ms. */
export const enterAgainAfterMs = 900
export const maxEnters = 5
/** Looks come every 40 ms: a pane that is never still for two seconds is not idle. */
export const maxRefusals = 50
/** Transcripts show a prompt 100–300 ms after its hook (measured); under load this much is allowed. */
export const transcriptWithinMs = 4_000
/** Somebody else's text in the box together with ours: time for them to sort it out. */
export const mixedForMs = 30_000

export function nextStep(now: Situation): Step {
  if (now.promptSeen) return { do: 'confirm', proof: "the agent's record shows the prompt" }
  if (now.phase === 'claimed') return beforePaste(now)
  return now.phase === 'typed' ? beforeEnter(now) : afterEnter(now)
}

function beforePaste({ sameGeneration, reading, composer, blocked, refusals }: Situation): Step {
  if (!reading) return { do: 'give_back', because: 'the pane is gone' }
  if (!sameGeneration) return { do: 'give_back', because: 'the agent in the pane is another one now' }
  if (blocked !== null) return { do: 'give_back', because: blocked }
  if (refusals > maxRefusals)
    return { do: 'give_back', because: 'the pane changes faster than it can be typed into' }
  if (!reading.trusted) {
    return { do: 'give_back', because: 'its screen can no longer be read with certainty' }
  }
  if (reading.draft || composer === 'other') {
    return { do: 'give_back', because: "someone's half-typed text is in the box" }
  }
  if (!reading.acceptsPrompt) return { do: 'give_back', because: `the session is ${reading.state}` }
  return { do: 'paste' }
}

function beforeEnter(now: Situation): Step {
  const { reading, composer, sinceStepMs } = now
  if (!reading || !now.sameGeneration) {
    if (mayHaveRun(now)) return goneAfterEnter(now, 'the agent ended when Enter may have been pressed')
    return { do: 'give_back', because: 'the agent ended before Enter was pressed' }
  }
  if (now.blocked !== null) return { do: 'wait', because: now.blocked }
  const ownList = now.agentCommand && reading.state === 'menu' && composer === 'ours'
  if (isDialog(reading) && !ownList) return { do: 'wait', because: `a ${reading.state} dialog is open` }
  if (composer === 'other') {
    if (sinceStepMs < mixedForMs) return { do: 'wait', because: "someone's text is in the box with ours" }
    return {
      do: 'doubt',
      because: "someone's text is in the box together with the prompt; Enter was not pressed",
    }
  }
  if (composer === 'ours') {
    if (reading.state === 'busy') return { do: 'wait', because: 'the agent began a turn by itself' }
    if (sinceStepMs < now.settleMs) return { do: 'wait', because: 'the paste settles' }
    return { do: 'enter' }
  }
  return pasteVanished(now, reading)
}

/** Typed, no dialog, and the box is empty: drawn late, swallowed by a dialog, or taken out by a person. */
function pasteVanished(now: Situation, reading: Reading): Step {
  if (now.sinceStepMs < pasteVisibleWithinMs) return { do: 'wait', because: 'the paste is not drawn yet' }
  if (!reading.composer) return { do: 'wait', because: 'the input box is not drawn' }
  if (mayHaveRun(now)) return { do: 'doubt', because: 'the pane no longer says whether Enter was pressed' }
  if (now.busySeen && !now.hasTranscript) {
    return {
      do: 'doubt',
      because: 'the pasted text left the box and the agent worked, but we pressed no Enter',
    }
  }
  if (reading.state === 'busy') return { do: 'wait', because: 'the agent began a turn by itself' }
  return { do: 'give_back', because: 'the pasted text never showed in the box' }
}

/** An Enter of ours is on its way, or was, and nothing is left that would tell whether tmux sent it. */
function mayHaveRun({ enterSent, marked }: Situation): boolean {
  return enterSent && !marked
}

function afterEnter(now: Situation): Step {
  const { reading, composer } = now
  if (!reading || !now.sameGeneration) {
    return goneAfterEnter(now, 'the agent ended right after Enter was pressed')
  }
  if (composer === 'ours' && !isDialog(reading)) return enterAgain(now, reading)
  if (reading.state === 'busy') return { do: 'confirm', proof: 'the agent turned busy after Enter' }
  if (isDialog(reading)) return { do: 'confirm', proof: `the agent's turn asks (${reading.state})` }
  if (now.busySeen) return { do: 'confirm', proof: 'the agent was busy after Enter' }
  if (reading.state === 'limited') return { do: 'confirm', proof: "the agent's turn met a usage limit" }
  return boxEmptied(now, reading)
}

function goneAfterEnter({ hasTranscript, sinceStepMs }: Situation, because: string): Step {
  if (hasTranscript && sinceStepMs < transcriptWithinMs) {
    return { do: 'wait', because: 'the agent is gone; its record may still show the prompt' }
  }
  return { do: 'doubt', because }
}

function enterAgain({ enters, sinceStepMs, blocked }: Situation, reading: Reading): Step {
  if (blocked !== null) return { do: 'wait', because: blocked }
  if (reading.state === 'busy')
    return { do: 'wait', because: 'the agent is busy and the prompt is still in the box' }
  if (sinceStepMs < enterAgainAfterMs) return { do: 'wait', because: 'the agent takes the Enter' }
  if (enters < maxEnters) return { do: 'enter' }
  return { do: 'doubt', because: `the prompt is still in the box after ${enters} Enters` }
}

/** Entered, idle, and the box no longer shows our text: a very short turn, a command, or a loss. */
function boxEmptied(now: Situation, reading: Reading): Step {
  if (!reading.composer) return { do: 'wait', because: 'the input box is not drawn' }
  const patienceMs = now.hasTranscript ? transcriptWithinMs : boxEmptyForMs
  if (now.sinceStepMs < patienceMs)
    return { do: 'wait', because: 'the box is empty; better proof may follow' }
  if (now.hasTranscript) {
    return {
      do: 'doubt',
      because: "the box was emptied after Enter, but the agent's record does not show the prompt",
    }
  }
  return { do: 'confirm', proof: 'the box was emptied after Enter' }
}

/** How long the box must stay empty to be proof, for agents without a record. */
const boxEmptyForMs = 700

function isDialog({ state }: Reading): boolean {
  return state === 'permission' || state === 'question' || state === 'menu' || state === 'onboarding'
}
