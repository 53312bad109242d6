import type { DialogKeys, DialogKind } from '../core/dialog.ts'
import { compilePattern } from './rule-file.ts'
import type {
  AnswersSource,
  DialogBoxesSource,
  DialogInputSource,
  DialogNotesSource,
  DialogShape,
} from './rule-file.ts'

/** One way in which an agent draws a dialog, compiled. */
export interface Shape {
  id: string
  kind: DialogKind
  tool?: string
  frame: DialogShape['frame']
  edge: RegExp | null
  starts: RegExp
  asks: RegExp | null
  ends: RegExp | null
  input: InputShape | null
  /** null: as in the agent's other dialogs. */
  option: RegExp | null
  /** A yes to just this, with what stands beside it; null: as in the agent's other dialogs. */
  allow: RegExp | null
  pick: DialogKeys['pick'] | null
  notes: NotesShape | null
  boxes: BoxesShape | null
}

/** Where words of one's own stand, below the options. */
export interface NotesShape {
  key: string
  row: RegExp
  empty: string
}

/** Options with boxes, and the row that ends the ticking. */
export interface BoxesShape {
  mark: RegExp
  end: RegExp
  leave: string
}

export interface InputShape {
  name: DialogInputSource['name']
  after: RegExp | null
  first: RegExp | null
  before: RegExp | null
  margin: RegExp
  single: boolean
  dimRemark: boolean
}

/** How the dialogs of one kind of agent are read and answered. */
export interface DialogRules {
  option: RegExp
  beside: string[]
  allow: RegExp
  deny: RegExp
  text: RegExp | null
  belowText: RegExp | null
  keys: DialogKeys
  shapes: Shape[]
}

export function compileDialogs(source: AnswersSource): DialogRules {
  const { pick, next, previous, cancel } = source
  return {
    option: compilePattern(source.option),
    beside: source.beside ?? [],
    allow: compilePattern(source.allow),
    deny: compilePattern(source.deny),
    text: compileOptional(source.text),
    belowText: compileOptional(source.belowText),
    keys: { pick, next, previous, cancel },
    shapes: source.shapes.map(compileShape),
  }
}

function compileShape({ id, kind, tool, frame, pick, ...source }: DialogShape): Shape {
  const { edge, starts, asks, ends, input, option, allow, notes, boxes } = source
  return {
    id,
    kind,
    ...(tool !== undefined && { tool }),
    frame,
    edge: compileOptional(edge),
    starts: compilePattern(starts),
    asks: compileOptional(asks),
    ends: compileOptional(ends),
    input: input ? compileInput(input) : null,
    option: compileOptional(option),
    allow: compileOptional(allow),
    pick: pick ?? null,
    notes: notes ? compileNotes(notes) : null,
    boxes: boxes ? compileBoxes(boxes) : null,
  }
}

function compileNotes({ row, ...rest }: DialogNotesSource): NotesShape {
  return { ...rest, row: compilePattern(row) }
}

function compileBoxes({ mark, end, leave }: DialogBoxesSource): BoxesShape {
  return { mark: compilePattern(mark), end: compilePattern(end), leave }
}

function compileInput({ after, first, before, margin, ...rest }: DialogInputSource): InputShape {
  return {
    ...rest,
    after: compileOptional(after),
    first: compileOptional(first),
    before: compileOptional(before),
    margin: compilePattern(margin),
  }
}

function compileOptional(source: string | undefined): RegExp | null {
  return source === undefined ? null : compilePattern(source)
}
