import { Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

const begin = '\u001b[200~'
const end = '\u001b[201~'

/** Asks the terminal to mark what is pasted (bracketed paste), and takes it back. */
export const pasteMode = { on: '\u001b[?2004h', off: '\u001b[?2004l' }

/** Stands for a line break in a line that is being edited. */
export const newlineSign = '␤'

/**
 * Pastes that a line editor can't show. A paste of one line goes through as if it were typed; one of several
 * lines becomes a short stand-in, and `expand` puts the text back when the line is sent.
 */
export class PasteFilter extends Transform {
  readonly #decoder = new StringDecoder('utf8')
  readonly #pastes = new Map<string, string>()
  #rest = ''
  /** What has been pasted so far, while a paste goes on. */
  #paste: string | null = null

  override _transform(chunk: Buffer, _encoding: string, done: () => void) {
    this.#rest += this.#decoder.write(chunk)
    while (this.#step());
    done()
  }

  /** The line as it was meant: stand-ins are the pasted text again. */
  expand(line: string): string {
    let text = line
    for (const [sign, paste] of this.#pastes) text = text.replaceAll(sign, () => paste)
    return text.replaceAll(newlineSign, '\n')
  }

  /** Passes on what is certain; returns whether there may be more. */
  #step(): boolean {
    const marker = this.#paste === null ? begin : end
    const at = this.#rest.indexOf(marker)
    const certain = at >= 0 ? at : this.#rest.length - partOfMarker(this.#rest, marker)
    const text = this.#rest.slice(0, certain)
    this.#rest = this.#rest.slice(at >= 0 ? at + marker.length : certain)
    if (this.#paste === null) this.#pass(text)
    else this.#paste += text
    if (at < 0) return false
    if (this.#paste === null) this.#paste = ''
    else this.#endPaste(this.#paste)
    return true
  }

  #endPaste(pasted: string) {
    const text = pasted.replace(/\r\n?/g, '\n')
    this.#paste = null
    const trimmed = text.replace(/\n+$/, '')
    if (!trimmed.includes('\n')) return this.#pass(trimmed.replaceAll('\t', '    '))
    const sign = `[paste ${this.#pastes.size + 1}: ${trimmed.split('\n').length} lines]`
    this.#pastes.set(sign, trimmed)
    this.#pass(sign)
  }

  #pass(text: string) {
    if (text !== '') this.push(text)
  }
}

/**
 * How much of the marker's beginning the text ends with: the rest may be in the next chunk. A single Escape
 * outside of a paste is never held back, because it is a key of its own.
 */
function partOfMarker(text: string, marker: string): number {
  const least = marker === begin ? 2 : 1
  for (let length = Math.min(marker.length - 1, text.length); length >= least; length--) {
    if (text.endsWith(marker.slice(0, length))) return length
  }
  return 0
}
