import type { Dialog, DialogBoxes, DialogKeys } from '../../core/dialog.ts'
import type { InteractionAnswer } from '../../core/interaction.ts'
import type { KeyStep, Sent } from './next-key.ts'
import { isShownAs } from './shown-words.ts'

/** Which boxes shall be ticked, and the words for the last one. */
export type BoxAnswer = Pick<InteractionAnswer, 'text'> & { boxes: number[] }

/**
 * The next key towards a question's boxes that are ticked as wanted. A key turns its box over whatever it shows, so
 * each is pressed once at most, and nothing else until its effect is seen; then come the words, then the key that
 * goes on.
 */
export function nextBoxKey(dialog: Dialog, answer: BoxAnswer, keys: DialogKeys, sent: Sent): KeyStep {
  const { boxes } = dialog
  if (!boxes) return { do: 'refuse', because: 'it can be read only as a question without boxes now' }
  const wrong = wrongBoxes(dialog, answer)
  if (wrong.some((box) => sent.turned.has(box))) return { do: 'wait' }
  const [box] = wrong
  if (box !== undefined) return turn(dialog, boxes, box, keys)
  return (
    (answer.text === null ? null : write(dialog, boxes, answer.text, keys, sent)) ??
    leave(dialog, boxes, keys)
  )
}

/** The boxes, by their indices, that are not as the answer wants them. That of the words is ticked by writing them. */
function wrongBoxes({ options, boxes }: Pick<Dialog, 'options' | 'boxes'>, answer: BoxAnswer): number[] {
  return options.flatMap(({ ticked }, index) => {
    if (ticked === null || (index === boxes?.own && answer.text !== null)) return []
    return ticked === answer.boxes.includes(index) ? [] : [index]
  })
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

/** Digits are text where one's own words are written, and do nothing on the row below them. */
function turn({ selected }: Dialog, { own }: DialogBoxes, box: number, keys: DialogKeys): KeyStep {
  if (selected === null || selected >= own) return { do: 'press', keys: [keys.previous], phase: 'moved' }
  if (box >= 9) return { do: 'refuse', because: 'there is no key for that option; answer in the pane' }
  return { do: 'press', keys: [String(box + 1)], phase: 'moved', turns: box }
}

/** null: the words are in. */
function write(
  { options, selected }: Dialog,
  { own }: DialogBoxes,
  text: string,
  keys: DialogKeys,
  { typed }: Sent,
): KeyStep | null {
  const row = options[own]
  if (row?.ticked === true && isShownAs(row.label, text)) return null
  if (typed) return { do: 'wait' }
  if (row?.role !== 'text') {
    return { do: 'refuse', because: 'other words stand there already; clear them in the pane' }
  }
  if (selected === own) return { do: 'paste', text }
  const key = selected !== null && selected < own ? keys.next : keys.previous
  return { do: 'press', keys: [key], phase: 'moved' }
}

/** From the row of one's own words the key goes to the row that ends the ticking. */
function leave({ selected }: Dialog, { own, atEnd, leave: key }: DialogBoxes, keys: DialogKeys): KeyStep {
  if (atEnd) return { do: 'press', keys: ['Enter'], phase: 'pressed' }
  if (selected === own) return { do: 'press', keys: [key], phase: 'moved' }
  if (selected !== null && selected < own) return { do: 'press', keys: [key], phase: 'pressed' }
  return { do: 'press', keys: [keys.previous], phase: 'moved' }
}
