import type { Attempt } from '../../core/attempt.ts'
import { isAppError, isSilence } from '../../core/errors.ts'
import type { Reading } from '../../core/session.ts'
import type { Tools } from '../tools.ts'
import type { Followed } from './follow.ts'

/** Enough for any answer that is worth reading off a screen. */
export const answerHistoryLines = 2_000
/** As much of the prompt's first line as is looked for: agents wrap and cut long lines. */
const findByChars = 40

/** The answer of a turn that ended: from the agent's own record, else as it stands on the screen. */
export async function answerOf(
  tools: Tools,
  { turn, session }: Followed,
  prompt: string,
): Promise<Pick<Attempt, 'answer' | 'answerSource'>> {
  if (turn?.answer != null) return { answer: turn.answer, answerSource: turn.answerBy ?? 'transcript' }
  if (!session) return { answer: null, answerSource: null }
  try {
    const history = await tools.host.history(session.pane, answerHistoryLines)
    const answer = answerOnScreen(history, session.reading, session.pane.height, prompt)
    return answer === '' ? { answer: null, answerSource: null } : { answer, answerSource: 'screen' }
  } catch (error) {
    if (isAppError(error, 'not_found') || isSilence(error)) return { answer: null, answerSource: null }
    throw error
  }
}

/**
 * The answer as it stands on the screen: what comes after the last place where the prompt is shown, up to the
 * input box. `history` is scrollback and screen without attributes. Empty when the prompt is not on it.
 */
export function answerOnScreen(
  history: string,
  reading: Reading,
  screenHeight: number,
  prompt: string,
): string {
  const lines = history.split('\n').map((line) => line.trimEnd())
  const end = reading.composer ? lines.length - screenHeight + reading.composer.firstRow : lines.length
  const body = lines.slice(0, Math.max(0, end))
  const start = lastShown(body, prompt)
  if (start < 0) return ''
  return trimRules(body.slice(start + linesShown(body, start, prompt))).join('\n')
}

function lastShown(lines: string[], prompt: string): number {
  const wanted = squeeze(prompt.split('\n')[0] ?? '').slice(0, findByChars)
  return lines.findLastIndex((line) => squeeze(line).includes(wanted))
}

/** How many rows the prompt takes from `start` on: rows go on while they are still part of its text. */
function linesShown(lines: string[], start: number, prompt: string): number {
  const whole = squeeze(prompt)
  let count = 1
  while (start + count < lines.length) {
    const line = squeeze(lines[start + count] ?? '')
    if (line === '' || !whole.includes(line)) break
    count += 1
  }
  return count
}

/** Without the empty lines and horizontal rules around it. */
function trimRules(lines: string[]): string[] {
  const isFrame = (line: string) => /^[\s─━═╌╭╮╰╯│┃▀▄]*$/.test(line)
  const from = lines.findIndex((line) => !isFrame(line))
  const to = lines.findLastIndex((line) => !isFrame(line))
  return from < 0 ? [] : lines.slice(from, to + 1)
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '')
}
