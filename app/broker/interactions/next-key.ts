import type { Dialog, DialogKeys } from '../../core/dialog.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import type { AnswerPhase } from '../delivery/marker.ts'
import { nextBoxKey } from './next-box-key.ts'
import { isShownAs } from './shown-words.ts'

/**
 * What has to be done next in a dialog. Only `pressed` is the answer itself; the others give nothing to the agent
 * yet. `turns`: the box that the key ticks or unticks.
 */
export type KeyStep =
  | { do: 'press'; keys: string[]; phase: Exclude<AnswerPhase, 'typed'>; turns?: number }
  | { do: 'paste'; text: string }
  | { do: 'wait' }
  | { do: 'refuse'; because: string }

/** What this answer has sent into the dialog. */
export interface Sent {
  /** Words of one's own. */
  typed: boolean
  /** Boxes whose key was pressed. */
  turned: ReadonlySet<number>
}

/**
 * The next key towards an answer, from what the dialog shows now. One key at a time: which option Enter takes is
 * looked at before each.
 */
export function nextKey(dialog: Dialog, answer: InteractionAnswer, keys: DialogKeys, sent: Sent): KeyStep {
  if (answer.boxes) return nextBoxKey(dialog, { ...answer, boxes: answer.boxes }, keys, sent)
  if (answer.text === null && isOpen(dialog)) return toggle(dialog)
  if (answer.option === null) return cancelling(answer, keys)
  const { option } = answer
  if (dialog.options[option] === undefined)
    return { do: 'refuse', because: 'that option is not offered any more' }
  if (answer.text !== null) return typing(dialog, { ...answer, option, text: answer.text }, keys, sent)
  if ((dialog.pick ?? keys.pick) === 'digit' && option < 9 && isWriting(dialog))
    return { do: 'press', keys: [keys.previous], phase: 'moved' }
  if ((dialog.pick ?? keys.pick) === 'digit' && option < 9)
    return { do: 'press', keys: [String(option + 1)], phase: 'pressed' }
  return towards(dialog, option, keys) ?? { do: 'press', keys: ['Enter'], phase: 'pressed' }
}

/** Keys go into the row of one's own words while it is open. */
function isOpen({ notes }: Dialog): boolean {
  return notes !== null && notes.text !== null
}

/** In the row for words of one's own a digit is text, and below the boxes it is nothing. */
function isWriting({ selected, options, boxes }: Dialog): boolean {
  if (boxes) return selected === null || selected >= boxes.own
  return selected !== null && options[selected]?.role === 'text'
}

function toggle({ notes }: Dialog): KeyStep {
  return { do: 'press', keys: [notes!.key], phase: 'moved' }
}

function cancelling({ meaning }: InteractionAnswer, { cancel }: DialogKeys): KeyStep {
  if (meaning !== 'deny') return { do: 'refuse', because: 'no option was named' }
  return { do: 'press', keys: [cancel], phase: 'pressed' }
}

/** Words of one's own stand where the option stood, and are entered when they do. */
function typing(
  dialog: Dialog,
  { option, text }: { option: number; text: string },
  keys: DialogKeys,
  { typed }: Sent,
): KeyStep {
  const isElsewhere = dialog.selected !== option
  const hasOthersWords = !typed && (dialog.notes?.text ?? '') !== ''
  if (isOpen(dialog) && (isElsewhere || hasOthersWords)) return toggle(dialog)
  const move = towards(dialog, option, keys)
  if (move) return move
  if (!typed) return dialog.notes && !isOpen(dialog) ? toggle(dialog) : { do: 'paste', text }
  const shown = dialog.notes ? (dialog.notes.text ?? '') : (dialog.options[option]?.label ?? '')
  return isShownAs(shown, text) ? { do: 'press', keys: ['Enter'], phase: 'pressed' } : { do: 'wait' }
}

/** One step of the selection; null when it is there. */
function towards({ selected }: Dialog, option: number, keys: DialogKeys): KeyStep | null {
  if (selected === null) return { do: 'refuse', because: 'which option is selected can not be seen' }
  if (selected === option) return null
  return { do: 'press', keys: [selected < option ? keys.next : keys.previous], phase: 'moved' }
}
