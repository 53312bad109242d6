import { normalisePromptText } from './prompt-text.ts'
import { maxPromptBytes, type Prompt } from './prompt.ts'

/** As much of an earlier answer as is told again, in characters; its end says what came out. */
const answerChars = 20_000

/** What a session is told that goes on with a prompt of which it knows nothing, or not for certain any more. */
export function goingOnElsewhere(
  { id, content }: Pick<Prompt, 'id' | 'content'>,
  answer: string | null,
  now: string,
): string {
  const parts = [
    `You go on with prompt ${id}. This is what was asked:`,
    cutBytes(content, maxPromptBytes - Buffer.byteLength(now) - 4 * answerChars - 1_000),
    ...(answer === null ? [] : ['This is what came out of it so far:', lastOf(answer, answerChars)]),
    'This is what comes next:',
    now,
  ]
  return normalisePromptText(parts.join('\n\n').toWellFormed())
}

function lastOf(text: string, chars: number): string {
  const points = Array.from(text)
  return points.length <= chars ? text : `… ${points.slice(-chars).join('')}`
}

/** The beginning that fits, never half a character. */
function cutBytes(text: string, bytes: number): string {
  const whole = Buffer.from(text)
  if (whole.byteLength <= bytes) return text
  return `${whole
    .subarray(0, Math.max(0, bytes))
    .toString('utf8')
    .replace(/\uFFFD$/, '')} …`
}
