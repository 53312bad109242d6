import type { Screen } from '../core/agent.ts'
import type { DialogOption, OptionRole } from '../core/dialog.ts'
import type { DialogRules, Shape } from './dialog-rules.ts'

export interface ReadOptions {
  options: DialogOption[]
  selected: number | null
  firstRow: number
  lastRow: number
  /** They are numbered from 1 without a gap, and every row among them was understood. */
  isWhole: boolean
  /** Of options with boxes: whether the row that ends the ticking is selected; null: there is no such row. */
  atEnd: boolean | null
}

/** The options below the question, `rows` being without their frame; null when there are none. */
export function readOptions(
  screen: Screen,
  rows: readonly (string | null)[],
  asksRow: number,
  rules: DialogRules,
  shape: Pick<Shape, 'option' | 'allow' | 'notes' | 'boxes'>,
): ReadOptions | null {
  if (rules.beside.length > 0) return besideEachOther(screen, rows, asksRow, rules)
  const found: Found[] = []
  const pattern = shape.option ?? rules.option
  let atEnd: boolean | null = null
  for (let at = asksRow; at < rows.length; at++) {
    // What a person writes below may look like one more option.
    if (shape.notes && found.length > 0 && rows[at] === '') break
    const match = pattern.exec(rows[at] ?? '')
    const end = found.length > 0 ? shape.boxes?.end.exec(rows[at] ?? '') : null
    if (match) found.push(foundOption(match, at, shape.boxes))
    else if (end) atEnd = (end.groups?.['sign'] ?? '').trim() !== ''
    else found.at(-1)?.below.push((rows[at] ?? '').trim())
  }
  const [first] = found
  if (!first) return null
  const selected = found.flatMap(({ isSelected }, index) => (isSelected ? [index] : []))
  return {
    options: found.map((option) => optionOf(option, rules, shape.allow)),
    selected: selected.length === 1 ? selected[0]! : null,
    firstRow: first.row,
    lastRow: found.at(-1)!.row,
    isWhole: found.every(({ number }, index) => number === index + 1),
    atEnd,
  }
}

interface Found {
  row: number
  number: number
  label: string
  isSelected: boolean
  ticked: boolean | null
  /** The rows up to the next option: a label that is wrapped, a description, what follows the last one. */
  below: string[]
}

function foundOption({ groups = {} }: RegExpExecArray, row: number, boxes: Shape['boxes']): Found {
  const { sign = '', number = '', label = '', more = '' } = groups
  const box = boxes?.mark.exec(label) ?? null
  return {
    row,
    number: Number(number),
    label: label.slice(box?.[0].length ?? 0).trim(),
    isSelected: sign.trim() !== '',
    ticked: box && (box.groups?.['mark'] ?? '').trim() !== '',
    below: more === '' ? [] : [more],
  }
}

function optionOf({ label, ticked, below }: Found, rules: DialogRules, allow: RegExp | null): DialogOption {
  const gap = below.findIndex((row) => row === '' || /^[─╌]{8,}|^(?:Esc|Enter|Press enter) to /u.test(row))
  const more = (gap < 0 ? below : below.slice(0, gap)).join(' ').trim()
  const plain = label.replace(/\s*\((?:[a-z]|esc|shift\+tab)\)$/u, '')
  return {
    label: plain,
    role: roleOf(plain, more, rules, allow),
    description: more === '' ? null : more,
    ticked,
  }
}

/**
 * Only an option that says nothing but yes is a plain yes: a wrapped one may go on with "and always". `ownYes` of a
 * dialog, as that to begin a plan, says what else is one, all that stands below it included.
 */
function roleOf(
  label: string,
  more: string,
  { allow, deny, text }: DialogRules,
  ownYes: RegExp | null,
): OptionRole {
  if (text?.test(label)) return 'text'
  if (deny.test(label)) return 'deny'
  if (ownYes?.test([label, more].join(' ').trim())) return 'allow'
  if (allow.test(label) && more === '') return 'allow'
  return /^(?:Yes|Allow|Approve)\b/u.test(label) ? 'allow_more' : 'choice'
}

/** In one row; which one is selected shows only in its background. */
function besideEachOther(
  screen: Screen,
  rows: readonly (string | null)[],
  asksRow: number,
  rules: DialogRules,
): ReadOptions | null {
  const labels = rules.beside
  const wanted = new RegExp(`^\\s*${labels.map(escaped).join('\\s+')}(?:\\s|$)`, 'u')
  const row = rows.findIndex((text, at) => at > asksRow && text !== null && wanted.test(text))
  if (row < 0) return null
  return {
    options: labels.map((label) => ({
      label,
      role: roleOf(label, '', rules, null),
      description: null,
      ticked: null,
    })),
    selected: oddOneOut(labels.map((label) => backgroundOf(screen.rows[row] ?? '', label))),
    firstRow: row,
    lastRow: row,
    isWhole: true,
    atEnd: null,
  }
}

/** The background in force where the label begins, as its SGR code. */
function backgroundOf(drawn: string, label: string): string {
  const before = drawn.slice(0, drawn.indexOf(label))
  return [...before.matchAll(/48;[0-9;]+|(?<=[[;])(?:49|4[0-7])(?=[;m])/gu)].at(-1)?.[0] ?? ''
}

function oddOneOut(values: string[]): number | null {
  const odd = values.flatMap((value, index) =>
    values.filter((other) => other === value).length === 1 ? [index] : [],
  )
  return odd.length === 1 ? odd[0]! : null
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`)
}
