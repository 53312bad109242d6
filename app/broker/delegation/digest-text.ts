import { normalisePromptText } from '../../core/prompt-text.ts'
import type { Prompt } from '../../core/prompt.ts'
import { describeDuration } from '../duration.ts'

/** A digest has at most this many characters, whatever ended. */
export const digestChars = 16_000
/** Of one answer at least this much is shown, so far as there is room; longer ones are shown with their end. */
const leastAnswerChars = 200
const titleChars = 120

export interface Ended {
  prompt: Prompt
  answer: string | null
}

/** What one who delegated is told of the parts that ended; `open` are those that have not. */
export function digestText(ended: readonly Ended[], open: readonly number[]): string {
  const frame = ended.map(({ prompt }) => headOf(prompt))
  const foot = footOf(ended, open)
  const taken = frame.reduce((sum, head) => sum + head.length + 10, foot.length + 200)
  const room = Math.max(leastAnswerChars, Math.floor((digestChars - taken) / Math.max(1, ended.length)))
  const shown: string[] = []
  let left = digestChars - foot.length - 200
  for (const [index, { answer, prompt }] of ended.entries()) {
    const part = [frame[index]!, resultOf(prompt, answer, room)].filter(Boolean).join('\n')
    if (part.length + 2 > left) break
    shown.push(part)
    left -= part.length + 2
  }
  const rest = ended.slice(shown.length).map(({ prompt }) => prompt.id)
  const more = rest.length === 0 ? [] : [`Also ended: ${numbers(rest)}.`]
  return normalisePromptText([headline(ended.length), ...shown, ...more, foot].join('\n\n').toWellFormed())
}

function headline(count: number): string {
  return count === 1
    ? 'A prompt that you delegated has ended.'
    : `${count} prompts that you delegated have ended.`
}

/** `Prompt 13 (code, dev_w1) completed in 3:12: Fix the login test`. */
function headOf({ id, kind, sessionName, state, startedAt, endedAt, content }: Prompt): string {
  const about = [kind, sessionName].filter((word) => word !== null).join(', ')
  const took =
    startedAt !== null && endedAt !== null ? ` in ${describeDuration(Math.max(0, endedAt - startedAt))}` : ''
  const how = state === 'completed' ? 'completed' : state === 'failed' ? 'FAILED' : 'was cancelled'
  return `Prompt ${id}${about && ` (${about})`} ${how}${took}: ${titleOf(content)}`
}

function titleOf(content: string): string {
  const [line = ''] = content.split('\n')
  const points = Array.from(line)
  return points.length <= titleChars ? line : `${points.slice(0, titleChars).join('')}…`
}

function resultOf(
  { state, reason, review, reviewComment }: Prompt,
  answer: string | null,
  room: number,
): string {
  const why = state === 'completed' || reason === null ? '' : `Why: ${cut(reason, room)}`
  const said = review === 'accepted' ? `Accepted${reviewComment ? `: ${cut(reviewComment, room)}` : '.'}` : ''
  return [why, said, answer === null ? '' : cut(answer, room)].filter(Boolean).join('\n')
}

/** The end of a long answer: what came out stands there. */
function cut(text: string, chars: number): string {
  const points = Array.from(text.trim())
  if (points.length <= chars) return text.trim()
  return `[${points.length - chars} characters before this]\n…${points.slice(-chars).join('')}`
}

function footOf(ended: readonly Ended[], open: readonly number[]): string {
  const toReview = ended.filter(({ prompt }) => prompt.review !== 'accepted').map(({ prompt }) => prompt.id)
  const lines = [
    ...(toReview.length > 0
      ? [`Accept what is good (${numbers(toReview)}), or send it back with a comment.`]
      : []),
    open.length > 0
      ? `Still open: ${numbers(open)}; you hear of ${open.length === 1 ? 'it' : 'them'} by yourself.`
      : 'Nothing else is open. When you are done, answer the prompt that this was for.',
  ]
  return lines.join('\n')
}

const mostNumbers = 30

function numbers(ids: readonly number[]): string {
  const shown = ids.slice(0, mostNumbers).join(', ')
  return ids.length > mostNumbers ? `${shown} and ${ids.length - mostNumbers} more` : shown
}
