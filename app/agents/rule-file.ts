import { z } from 'zod'
import { dialogKinds } from '../core/dialog.ts'
import { sessionStates } from '../core/session.ts'

/*
 * The shape of a rule file: what the panes of one kind of agent look like, how text gets into them, how the
 * agent is started. `views/docs/agents.md` explains every key to the people who write one.
 */

/** A JavaScript regular expression (flags `mu`: `^` and `$` are the ends of a row). */
const pattern = z.string().check((context) => {
  try {
    compilePattern(context.value)
  } catch (error) {
    context.issues.push({
      code: 'custom',
      input: context.value,
      message: `must be a regular expression (${error instanceof Error ? error.message : String(error)})`,
    })
  }
})

export function compilePattern(source: string): RegExp {
  return new RegExp(source, 'mu')
}

export const regions = ['screen', 'last', 'above', 'turn', 'composer', 'footer', 'dialog'] as const
export type Region = (typeof regions)[number]

const textCondition = z.strictObject({ in: z.enum(regions), text: pattern })
const simpleCondition = z.union([
  textCondition,
  /** More rows with text than this. */
  z.strictObject({ in: z.enum(regions), over: z.number().int().min(0) }),
  z.strictObject({ title: pattern }),
  z.strictObject({ command: pattern }),
  z.strictObject({ version: z.string().regex(/^(<|>=)\d+(\.\d+)*$/, 'must be like "<2" or ">=2.1"') }),
  z.strictObject({ composer: z.enum(['present', 'absent', 'empty', 'typed', 'hint', 'mode']) }),
  z.strictObject({ focus: z.boolean() }),
  z.strictObject({ alternate: z.boolean() }),
  z.strictObject({ cursor: z.enum(['in_composer', 'on_last_row', 'visible', 'hidden']) }),
])
export type SimpleCondition = z.infer<typeof simpleCondition>
const conditionSchema = z.union([simpleCondition, z.strictObject({ any: z.array(simpleCondition).min(1) })])
export type ConditionSource = z.infer<typeof conditionSchema>

const ruleSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case words joined by -'),
  state: z.enum(sessionStates),
  /** A sentence for `explain`. */
  says: z.string().min(1),
  when: z.array(conditionSchema).min(1),
  unless: z.array(conditionSchema).default([]),
  accepts: z.boolean().default(false),
  /** Where a limit's end is told: the first group, or the whole match, is read as a time. */
  until: pattern.optional(),
  /** A guess for what no other rule knows: does not count as known when drift is judged. */
  guess: z.boolean().default(false),
})
export type RuleSource = z.infer<typeof ruleSchema>

const composerSchema = z.strictObject({
  /** `ruled`: between two lines. `open`: above a status line. `bar`: rows behind one vertical bar. */
  frame: z.enum(['ruled', 'open', 'bar']),
  top: pattern.optional(),
  /** A line that stands within four rows above the box: tells it from messages drawn the same way. */
  before: pattern.optional(),
  /** The first row of the text; everything up to the match's end is the prompt sign. */
  first: pattern,
  /** The first row when it isn't a prompt that is typed: shell mode, memory mode. */
  mode: pattern.optional(),
  /** Rows that continue the text; the match is cut off. */
  next: pattern,
  /**
   * `ruled`, `bar`: the line below. `open`: the status line; without one the text fills the screen to its end,
   * which only an agent's own cursor in it proves.
   */
  bottom: pattern.optional(),
  /** `bar`: the last row in the box that is no text (mode and model). */
  status: pattern.optional(),
  /** What makes text in the box a hint of the agent: drawn dim, or these words with the cursor before them. */
  hint: z.strictObject({ dim: z.boolean().default(false), text: pattern.optional() }),
  /** How a focused box shows: an inverse cell, the terminal's cursor visible in it, or only placed in it. */
  focus: z.array(z.enum(['inverse', 'cursor', 'placed'])).min(1),
})
export type ComposerSource = z.infer<typeof composerSchema>

const dialogInput = z.strictObject({
  /** Under which name the tool gets it. */
  name: z.enum(['command', 'file_path', 'url']),
  /** The row above it, or `first`: its own first row. */
  after: pattern.optional(),
  first: pattern.optional(),
  /** The row below it; without one it ends where the question or the options begin. */
  before: pattern.optional(),
  /** What stands before the text in each of its rows. */
  margin: pattern,
  /** It is one row, directly above `before`. */
  single: z.boolean().default(false),
  /** Rows at the end that are drawn dim are the agent's remark. */
  dimRemark: z.boolean().default(false),
})
export type DialogInputSource = z.infer<typeof dialogInput>

const key = z.string().min(1)

/** For words of one's own a key opens a row of its own below the options, and the same key clears and closes it. */
const dialogNotes = z.strictObject({
  key,
  /** The group `text` is what stands in it. */
  row: pattern,
  /** What the row shows while nothing is written. */
  empty: z.string().min(1),
})
export type DialogNotesSource = z.infer<typeof dialogNotes>

/** Of several options that are ticked and then sent together. */
const dialogBoxes = z.strictObject({
  /** The beginning of a label; the group `mark` is blank where the box is not ticked. */
  mark: pattern,
  /** The row below the last box that ends the ticking; the group `sign` as in an option. */
  end: pattern,
  leave: key,
})
export type DialogBoxesSource = z.infer<typeof dialogBoxes>

const dialogShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/, 'must be lower-case words joined by -'),
  kind: z.enum(dialogKinds),
  /** In Claude's words: Bash, Edit, Write, WebFetch. */
  tool: z.string().min(1).optional(),
  /** `box`: between `│` and `│`. `bar`: behind `┃`. Patterns see the rows without it. */
  frame: z.enum(['none', 'box', 'bar']).default('none'),
  /** The row above the first one; `box` has its own. */
  edge: pattern.optional(),
  /** The first row. */
  starts: pattern,
  /** The question above the options; the first row when absent. */
  asks: pattern.optional(),
  input: dialogInput.optional(),
  /** A row below the options that shows that nothing of them is cut off. */
  ends: pattern.optional(),
  /** A row of an option, where this dialog draws it otherwise; the group `more` is what stands beside the label. */
  option: pattern.optional(),
  /** A yes to just this where it is not the agent's usual word, with what stands beside or below it. */
  allow: pattern.optional(),
  /** How an option is taken, where this dialog differs from the agent's others. */
  pick: z.enum(['digit', 'enter']).optional(),
  notes: dialogNotes.optional(),
  boxes: dialogBoxes.optional(),
})
export type DialogShape = z.infer<typeof dialogShape>
const answersSchema = z.strictObject({
  /** A row of an option; the groups `sign` (selected), `number` and `label`. */
  option: pattern,
  /** Options that stand beside each other in one row, in this order; the selected one has a colour of its own. */
  beside: z.array(z.string().min(1)).min(2).optional(),
  allow: pattern,
  deny: pattern,
  text: pattern.optional(),
  /** What the agent puts below the option for words of one's own, which is the last one otherwise. */
  belowText: pattern.optional(),
  pick: z.enum(['digit', 'enter']),
  next: key,
  previous: key,
  cancel: key,
  shapes: z.array(dialogShape).min(1),
})
export type AnswersSource = z.infer<typeof answersSchema>

const deliverySchema = z.strictObject({
  settleMs: z.number().int().min(0).max(10_000),
  guards: z
    .array(
      z
        .string()
        .min(1)
        .regex(/^[^,}#:]*$/, 'must not contain , } # or : (use .)'),
    )
    .min(1),
  pastedPattern: pattern.transform((source) => new RegExp(source, 'u')).nullable(),
  interrupt: z.array(z.array(key).min(1)),
  clearComposer: z.array(key),
  freshCommand: z.string().nullable(),
  dismissLimit: z.array(key),
  resumeText: z.string().min(1),
  commandPrefixes: z.array(z.string().min(1)),
})

const launchSchema = z.strictObject({ start: z.array(key).min(1), resume: z.array(key).min(1).nullable() })

const processSchema = z.strictObject({
  /** Names of the executable: the first word of argv without its folder. */
  executables: z.array(z.string().min(1)).default([]),
  /** Regular expressions over argv joined by blanks: for programs that an interpreter runs. */
  argv: z.array(pattern).default([]),
  /** Interpreters under whose name tmux shows the agent: `node`. */
  runtimes: z.array(z.string().min(1)).default([]),
})

export const ruleFileSchema = z.strictObject({
  kind: z.string().regex(/^[a-z][a-z0-9_-]*$/, 'must be a lower-case word'),
  recorded: z.array(z.string().regex(/^\d+(\.\d+)*$/, 'must be a version in quotes, like "2.1.329"')),
  process: processSchema,
  /** Finds the version on a screen; the first group is it. */
  version: pattern.optional(),
  /** Each alone shows that a pane whose command is a mere runtime holds this agent. */
  signs: z.array(conditionSchema).default([]),
  /** The row with which a turn begins: what the person asked, as the conversation shows it. */
  turnStart: pattern,
  dialog: z.strictObject({ edge: pattern, option: pattern }),
  composers: z.array(composerSchema).min(1),
  rules: z.array(ruleSchema).min(1),
  /** While one of these holds nothing is typed, whatever rule fits: signs of something open below the composer. */
  refuse: z.array(conditionSchema).default([]),
  /** How its dialogs are read and answered; without it they are shown, and people answer them in the pane. */
  answers: answersSchema.optional(),
  delivery: deliverySchema,
  launch: launchSchema,
})
export type RuleFile = z.infer<typeof ruleFileSchema>
