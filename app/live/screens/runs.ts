/*
 * A captured row as a browser may show it: runs of text, each with the names of its attributes, which are CSS
 * classes. Nothing of the screen becomes HTML or CSS: the text stays text and the names come from here alone.
 */

/** A run of text and its classes, `f2 bo`: foreground `f0`-`f15`, background `b0`-`b15`, bold, dim, italic, underlined, inverse. */
export type Run = [text: string, classes: string]

/** The runs of each row; attributes run on from row to row, because tmux writes only what changes. */
export function runsOfRows(rows: readonly string[]): Run[][] {
  const style: Style = { fore: null, back: null, flags: new Set() }
  return rows.map((row) => runsOfRow(row, style))
}

interface Style {
  fore: number | null
  back: number | null
  flags: Set<string>
}

/** Colours and attributes, the other sequences, and control characters, which show nothing. */
const sequences =
  /\u001b\[([0-9;:]*)m|\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?|[\u0000-\u001f\u007f-\u009f]/g

function runsOfRow(row: string, style: Style): Run[] {
  const runs: Run[] = []
  let at = 0
  for (const match of row.matchAll(sequences)) {
    push(runs, row.slice(at, match.index), style)
    if (match[1] !== undefined) apply(style, match[1])
    at = match.index + match[0].length
  }
  push(runs, row.slice(at), style)
  return runs
}

function push(runs: Run[], text: string, { fore, back, flags }: Style) {
  if (text === '') return
  const classes = [
    ...(fore === null ? [] : [`f${fore}`]),
    ...(back === null ? [] : [`b${back}`]),
    ...flags,
  ].join(' ')
  const last = runs.at(-1)
  if (last?.[1] === classes) last[0] += text
  else runs.push([text, classes])
}

const switchedOn: Record<number, string> = { 1: 'bo', 2: 'di', 3: 'it', 4: 'un', 7: 'in' }
const switchedOff: Record<number, string[]> = { 22: ['bo', 'di'], 23: ['it'], 24: ['un'], 27: ['in'] }

function apply(style: Style, parameters: string) {
  const codes = parameters.split(/[;:]/).map(Number)
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes.slice(i + 1))
      if (code === 38) style.fore = colour
      else style.back = colour
      i += used
    } else applyOne(style, code)
  }
}

function applyOne(style: Style, code: number) {
  if (code === 0) Object.assign(style, { fore: null, back: null, flags: new Set() })
  else if (code >= 30 && code <= 37) style.fore = code - 30
  else if (code === 39) style.fore = null
  else if (code >= 40 && code <= 47) style.back = code - 40
  else if (code === 49) style.back = null
  else if (code >= 90 && code <= 97) style.fore = code - 82
  else if (code >= 100 && code <= 107) style.back = code - 92
  else if (switchedOn[code]) style.flags.add(switchedOn[code])
  else for (const flag of switchedOff[code] ?? []) style.flags.delete(flag)
}

/** `5;N` and `2;R;G;B`, as the nearest of the 16 colours that a theme has. */
function extendedColour(codes: number[]): { colour: number | null; used: number } {
  if (codes[0] === 5) return { colour: ofPalette(codes[1] ?? 0), used: 2 }
  if (codes[0] === 2) return { colour: nearest(codes.slice(1, 4)), used: 4 }
  return { colour: null, used: 0 }
}

function ofPalette(index: number): number {
  if (index < 16) return index
  if (index >= 232) return nearest(Array<number>(3).fill(8 + (index - 232) * 10))
  const cube = [0, 95, 135, 175, 215, 255]
  const at = index - 16
  return nearest([cube[Math.floor(at / 36) % 6]!, cube[Math.floor(at / 6) % 6]!, cube[at % 6]!])
}

/** xterm's own colours. */
const themeColours = [
  [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205], [229, 229, 229],
  [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
] // prettier-ignore

function nearest(colour: number[]): number {
  const distances = themeColours.map((theme) =>
    theme.reduce((sum, part, index) => sum + (part - (colour[index] ?? 0)) ** 2, 0),
  )
  return distances.indexOf(Math.min(...distances))
}
