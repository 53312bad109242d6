import type { Screen } from '../core/agent.ts'
import { withoutAttributes } from './ansi.ts'
import { findComposer } from './composer.ts'
import type { ComposerPattern, FoundComposer } from './composer.ts'
import type { Region } from './rule-file.ts'

/** What the regions of a screen need from an agent's rules. */
export interface Landmarks {
  composers: ComposerPattern[]
  turnStart: RegExp
  dialog: { edge: RegExp; option: RegExp }
}

/** A screen divided the way one agent draws it; regions are cut out when a rule asks for them. */
export interface View {
  screen: Screen
  plain: readonly string[]
  composer: FoundComposer | null
  text(region: Region): string
}

export function viewOf(screen: Screen, plain: readonly string[], landmarks: Landmarks): View {
  const composer = findComposer(screen, plain, landmarks.composers)
  const cuts = new Map<Region, string>()
  return {
    screen,
    plain,
    composer,
    text(region) {
      const known = cuts.get(region)
      if (known !== undefined) return known
      const text = cut[region](plain, composer, landmarks).join('\n')
      cuts.set(region, text)
      return text
    },
  }
}

/** Rows without attributes and trailing blanks, cut to the height: a capture can end in a newline. */
export function plainRows(screen: Screen): string[] {
  const rows = screen.rows.length > screen.height ? screen.rows.slice(0, screen.height) : screen.rows
  return rows.map((row) => withoutAttributes(row).trimEnd())
}

type Cut = (
  plain: readonly string[],
  composer: FoundComposer | null,
  landmarks: Landmarks,
) => readonly string[]

const cut: Record<Region, Cut> = {
  screen: (plain) => plain,
  last: (plain) => withoutBlanks(plain).slice(-lastRows),
  composer: (plain, composer) => (composer ? plain.slice(composer.firstRow, composer.lastRow + 1) : []),
  footer: (plain, composer) => (composer ? plain.slice(composer.bottomRow) : []),
  /** The block of rows directly above the composer. */
  above: (plain, composer) => (composer ? blockAbove(plain, composer.topRow) : []),
  /** From the row with which the last turn began to the composer. */
  turn: (plain, composer, { turnStart }) => {
    const rows = composer ? plain.slice(0, composer.topRow) : plain
    return rows.slice(
      Math.max(
        0,
        rows.findLastIndex((row) => turnStart.test(row)),
      ),
    )
  },
  /** In place of the composer: from the line above the last list of options to the end. */
  dialog: (plain, composer, { dialog }) => {
    if (composer) return []
    const rows = withoutBlanks(plain)
    const option = rows.findLastIndex((row) => dialog.option.test(row))
    if (option < 0) return rows.slice(-lastRows).map(withoutBorders)
    const edge = rows.slice(0, option).findLastIndex((row) => dialog.edge.test(row))
    return rows.slice(Math.max(0, edge)).map(withoutBorders)
  },
}

const lastRows = 12

function withoutBlanks(rows: readonly string[]): readonly string[] {
  return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1)
}

function blockAbove(plain: readonly string[], topRow: number): readonly string[] {
  const rows = withoutBlanks(plain.slice(0, topRow))
  const gap = rows.findLastIndex((row) => row === '')
  return rows.slice(gap + 1)
}

/** A dialog in a box and one without read the same. */
function withoutBorders(row: string): string {
  return row.replace(/^\s*[│┃]\s?/, ' ').replace(/\s*[│┃]$/, '')
}
