/*
 * Text inside tmux's command language. Everything is one double-quoted argument in which printable ASCII but
 * `" \ $ ~` and `#` stands for itself and every other byte is `\ooo` (measured byte-exact for all 255 non-NUL
 * bytes; raw NUL truncates the line and takes the rest of the list with it).
 */

export function quote(text: string): string {
  let quoted = '"'
  for (const byte of Buffer.from(text)) {
    quoted += isPlain(byte) ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `${quoted}"`
}

const special = new Set([...'"\\$~'].map((character) => character.charCodeAt(0)))

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && !special.has(byte)
}

/** A literal inside a format: `#` begins one, a comma and a brace end an argument of one. */
export function literal(text: string): string {
  return text.replace(/[#,}]/g, '#$&')
}
