/** Characters of a long text that one answer carries: about two thousand tokens. */
const partChars = 8_000

/** The n-th part of a long text, counted from 1; says how many there are when there are more. */
export function partOf(text: string, part: number): { text: string; part?: string } {
  const count = Math.max(1, Math.ceil(text.length / partChars))
  const shown = text.slice((part - 1) * partChars, part * partChars).toWellFormed()
  return count === 1 ? { text: shown } : { text: shown, part: `${part} of ${count}` }
}

/** The end of a long text, behind a mark that there was more. */
export function shortened(text: string, chars: number): string {
  return text.length <= chars ? text : `… ${text.slice(-chars).toWellFormed()}`
}

/** The beginning of a text, on one line. */
export function beginning(text: string, chars: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= chars ? line : `${line.slice(0, chars - 1).toWellFormed()}…`
}
