import { AppError } from './errors.ts'
import { maxPromptBytes } from './prompt.ts'

/*
 * What a prompt's text is, from the moment it is handed in until it is compared with what an agent received.
 * Every step here answers a fact that was measured with real agents: CRLF arrives as two newlines, control
 * characters are dropped, ESC[201~ ends a bracketed paste early, trailing blanks are trimmed, a backslash
 * before Enter becomes a newline.
 */

/** Throws `invalid` with a sentence when the text can't be a prompt. Idempotent. */
export function normalisePromptText(raw: string, options: { agentCommand?: boolean } = {}): string {
  if (!raw.isWellFormed()) {
    throw new AppError('invalid', 'The prompt is not valid Unicode text (it holds half a surrogate pair).')
  }
  const text = raw
    .replace(/\r\n?/g, '\n')
    .replace(escapeSequence, '')
    .replace(controlCharacter, '')
    .replace(/^\s*\n/, '')
    .trimEnd()
  if (text === '') throw new AppError('invalid', 'The prompt is empty.')
  refuseTooLarge(text)
  if (!options.agentCommand) refuseAgentCommand(text)
  return text
}

/** Decodes bytes that were handed in. Throws `invalid` when they are not UTF-8 text. */
export function decodePromptBytes(bytes: Uint8Array): string {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(0)
  if (at >= 0) throw new AppError('invalid', `This is not text: it has a NUL byte at offset ${at}.`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new AppError(
      'invalid',
      'This is not text: it is not valid UTF-8. Send it as a file path instead.',
      {
        cause: error,
      },
    )
  }
}

/**
 * The text as it is pasted. Enter after a backslash means "new line" to Claude and Gemini, and Enter after a
 * word with `@` picks a file from a list that has opened; a blank behind either prevents it, and agents trim
 * it on arrival.
 */
export function textToPaste(text: string): string {
  return /(\\|(^|\s)@\S*)$/.test(text) ? `${text} ` : text
}

/** CSI, OSC, DCS and two-byte escape sequences, whole, so that no "[31m" is left behind. */
const escapeSequence =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])?/g

const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufeff]/g

function refuseTooLarge(text: string) {
  const bytes = Buffer.byteLength(text)
  if (bytes > maxPromptBytes) {
    throw new AppError(
      'invalid',
      `The prompt is too large: ${bytes.toLocaleString('en')} bytes, at most ${maxPromptBytes.toLocaleString('en')}. ` +
        'Put the text into a file and name the file in the prompt.',
    )
  }
}

/** `!ls` runs in the shell without a question, `/clear` ends a conversation: never by accident. */
function refuseAgentCommand(text: string) {
  const command = /^\s*(!|\/[A-Za-z][\w:.-]*(?=\s|$))/.exec(text)?.[1]
  if (command === undefined) return
  throw new AppError(
    'invalid',
    `The prompt begins with "${command}", which the agent takes as a command of its own. ` +
      'Send it with --agent-command if that is meant; otherwise begin it with a word.',
  )
}
