/*
 * Two encodings stand between a text and tmux: the command line's, and the format language's where an argument
 * is expanded. Both encode whatever is not plainly harmless, so that no text can end an argument or a format.
 */

/**
 * One argument of a tmux command line, in double quotes. Byte-exact for everything but NUL, which tmux can't
 * carry; nests, because a quoted list is itself text.
 */
export function quoteArgument(text: string): string {
  let quoted = '"'
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte < 0x7f && !mustBeEscaped.has(byte)
    quoted += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `${quoted}"`
}

/** A whole command: its name and its arguments, each quoted. */
export function command(name: string, ...args: string[]): string {
  return [name, ...args.map((arg) => (/^-[A-Za-z]$/.test(arg) ? arg : quoteArgument(arg)))].join(' ')
}

/** Commands that tmux runs one after the other, all or none of them. */
export function commandList(...commands: string[]): string {
  return commands.join(' ; ')
}

/**
 * A text inside a tmux format that comes out as itself. Punctuation is written as `#{a:CODE}`: a comma or a
 * brace would end the format, `#` begin one, and `%` is a date to those commands that expand dates.
 */
export function formatLiteral(text: string): string {
  return text.replace(/[!-~]/g, (character) =>
    /[A-Za-z0-9_.@=/-]/.test(character) ? character : `#{a:${character.charCodeAt(0)}}`,
  )
}

const mustBeEscaped = new Set(Buffer.from('"\\$~'))
