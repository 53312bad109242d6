/** What a dialog in place of the composer asks for: leave to do something, an answer, a word on a plan. */
export const dialogKinds = ['permission', 'question', 'plan'] as const
export type DialogKind = (typeof dialogKinds)[number]

/**
 * What an option does. `allow`: this once, and nothing else. `allow_more`: also from now on, or with another
 * mode; never chosen by a rule. `text`: takes words of one's own.
 */
export const optionRoles = ['allow', 'allow_more', 'deny', 'choice', 'text'] as const
export type OptionRole = (typeof optionRoles)[number]

export interface DialogOption {
  label: string
  role: OptionRole
  /** What the agent says about it below; null when it says nothing. */
  description: string | null
  /** Whether its box is ticked; null where it has none. */
  ticked: boolean | null
}

/** What the options with boxes of a dialog need to be answered: a digit turns its box over and goes nowhere. */
export interface DialogBoxes {
  /** Index of the box for words of one's own, in whose row digits are text. */
  own: number
  /** The row that ends the ticking is selected: Enter goes on from there. */
  atEnd: boolean
  /** The key that goes on from any other box, and from the own words to that row. */
  leave: string
}

/** A dialog as the screen shows it. */
export interface Dialog {
  kind: DialogKind
  /** The tool in Claude's words (`Bash`, `Edit`, `Write`, `WebFetch`), whichever agent asks; null: not known. */
  tool: string | null
  /** What the tool would get, as far as it is shown: `command`, `file_path`, `url`. */
  input: Record<string, string>
  /** The question itself: "Do you want to proceed?" */
  question: string
  options: DialogOption[]
  /** Index of the option that Enter would take; null when that can't be seen. */
  selected: number | null
  /** How an option is taken here; null: as in the agent's other dialogs. */
  pick: DialogKeys['pick'] | null
  /**
   * Where words of one's own stand in a row below the options: the key that opens it, and clears and closes it
   * again, and its text, null while it is closed. null: they stand in the option itself, or are not taken.
   */
  notes: { key: string; text: string | null } | null
  /** null: its options have no boxes, and one of them is the answer. */
  boxes: DialogBoxes | null
  /** Why the input can't be read with certainty, in words; null when it can. Never decided by a rule then. */
  unsure: string | null
  /** The dialog's rows as they are drawn, without colours; `firstRow` is where they begin on the screen. */
  rows: string[]
  firstRow: number
  /** SHA-256 over what it asks, whichever option is selected: the same for the same dialog, in hexadecimal. */
  digest: string
}

/** How the dialogs of one kind of agent are answered; part of its rule file. */
export interface DialogKeys {
  /** `digit`: the option's number takes it at once. `enter`: Enter takes the one that is selected. */
  pick: 'digit' | 'enter'
  next: string
  previous: string
  /** Refuses, or leaves without an answer. */
  cancel: string
}
