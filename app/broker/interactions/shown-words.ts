/** As much of a long answer as is compared with its row. */
const shownLetters = 24

/** Whether a row of a dialog shows the beginning of these words, however it is wrapped. */
export function isShownAs(shown: string, text: string): boolean {
  const row = squashed(shown)
  return row !== '' && squashed(text).startsWith(row.slice(0, shownLetters))
}

function squashed(text: string): string {
  return text.replaceAll(/\s+/g, '')
}
