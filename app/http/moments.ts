import type { EpochMs } from '../core/clock.ts'

/** A line of an attempt's log (broker/attempt/log.ts), with the screen that was kept with it. */
export interface Moment {
  at: EpochMs
  says: string
  /** Its last rows, without attributes; null where none was kept. */
  screen: string | null
}

/** Rows of a screen that a step of the story shows: agents ask and answer at its end. */
const shownRows = 24

const line = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/
const screenRow = '    | '
/** The last line of a log; the answer below it is text of the agent's own. */
const last = /^prompt \d+ (?:was|failed|timed|lost) /

/** What was seen and done in an attempt, in order. Rows that belong to no line (a log cut at its start) are dropped. */
export function momentsOf(log: string): Moment[] {
  const moments: (Moment & { rows: string[] })[] = []
  for (const text of log.split('\n')) {
    const present = moments.at(-1)
    const [, at = '', says = ''] = line.exec(text) ?? []
    if (says !== '') moments.push({ at: Date.parse(at), says, screen: null, rows: [] })
    else if (text.startsWith(screenRow)) present?.rows.push(text.slice(screenRow.length))
    if (last.test(says)) break
  }
  return moments.map(({ at, says, rows }) => ({ at, says, screen: excerptOf(rows) }))
}

/** Empty rows at both ends are left out, and several between become one. */
function excerptOf(rows: readonly string[]): string | null {
  const dense = rows
    .map((row) => row.trimEnd())
    .filter((row, index, all) => row !== '' || (all[index - 1] ?? '') !== '')
  return (
    dense
      .slice(-shownRows)
      .join('\n')
      .replace(/^\n+|\n+$/g, '') || null
  )
}
