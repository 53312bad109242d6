import { z } from 'zod'
import {
  dialogSchema,
  gitChangesSchema,
  gitStateSchema,
  lookSchema,
  newSessionSchema,
  paneRefSchema,
  paneSchema,
  preparedProgramSchema,
  readingSchema,
  seenSchema,
  sessionSchema,
  turnSchema,
  wantedProgramSchema,
} from './shapes.ts'

const step = z.enum(['done', 'refused'])
const process = z.object({ pid: z.number(), startedAt: z.number() })
/** Of a terminal; a browser that believes more would stand still. */
const cells = z.number().int().min(1).max(10_000)
const size = z.object({ columns: cells, rows: cells })
const read = z.object({ look: lookSchema, reading: readingSchema, dialog: dialogSchema.nullable() })

/**
 * What a node can be asked. A step names the process that it is meant for and the marker that it follows, and the
 * marker the epoch of the pane's lease: one that comes late, or twice, is refused by tmux itself.
 */
export const calls = {
  /** The node's clock. */
  time: call(z.object({}), z.number()),
  list: call(z.object({}), z.array(paneSchema)),
  /** `wanted`: keys of panes. */
  sweep: call(
    z.object({ wanted: z.array(z.string()) }),
    z.object({ at: z.number(), panes: z.array(paneSchema), changed: z.array(read) }),
  ),
  look: call(z.object({ pane: paneRefSchema, searches: z.array(z.string()) }), read),
  history: call(z.object({ pane: paneRefSchema, lines: z.number() }), z.string()),
  paste: call(z.object({ seen: seenSchema, text: z.string(), marker: z.string() }), step),
  submit: call(z.object({ seen: seenSchema, marker: z.string() }), step),
  press: call(z.object({ seen: seenSchema, keys: z.array(z.string()), marker: z.string() }), step),
  mark: call(z.object({ seen: seenSchema, marker: z.string() }), step),
  create: call(newSessionSchema, paneRefSchema),
  kill: call(z.object({ name: z.string(), server: z.string().exactOptional() }), z.null()),
  /**
   * A terminal on a pane; it ends with the connection over which it was asked for. Each `readTerminal` is leave for
   * one batch of its output: while none is asked for, tmux keeps what comes.
   */
  attach: call(
    z.object({ pane: paneRefSchema, mode: z.enum(['view', 'type']) }),
    z.object({ terminal: z.string(), pid: z.number(), size }),
  ),
  /** Waits until there is output. `over`: the terminal has ended, and this was all of it. */
  readTerminal: call(z.object({ terminal: z.string() }), z.object({ text: z.string(), over: z.boolean() })),
  writeTerminal: call(z.object({ terminal: z.string(), keys: z.string() }), z.null()),
  redrawTerminal: call(z.object({ terminal: z.string() }), z.null()),
  followWindow: call(z.object({ terminal: z.string() }), z.object({ changed: z.boolean(), size })),
  fitTerminal: call(z.object({ terminal: z.string(), size: size.nullable() }), size),
  detach: call(z.object({ terminal: z.string() }), z.null()),
  /** How a program is started there. */
  prepare: call(
    z.object({
      wanted: wantedProgramSchema,
      token: z.string().nullable(),
      secrets: z.record(z.string(), z.string()).default({}),
    }),
    preparedProgramSchema,
  ),
  /** null: the pane is gone. */
  refresh: call(paneRefSchema, sessionSchema.nullable()),
  /** From now on these, and no others, are read again even when nothing seems to change. */
  follow: call(z.object({ keys: z.array(z.string()) }), z.null()),
  /** The text itself only where the node does not know its digest. */
  findTurn: call(
    z.object({
      generation: z.string(),
      digest: z.string(),
      since: z.number(),
      text: z.string().exactOptional(),
    }),
    z.union([z.object({ turn: turnSchema.nullable() }), z.object({ unknown: z.literal('text') })]),
  ),
  checkoutState: call(z.object({ dir: z.string() }), gitStateSchema.nullable()),
  checkoutChanges: call(
    z.object({ dir: z.string(), before: gitStateSchema, after: gitStateSchema }),
    gitChangesSchema,
  ),
  projectRoot: call(z.object({ dir: z.string() }), z.string().nullable()),
  realPaths: call(z.object({ paths: z.array(z.string()) }), z.array(z.string().nullable())),
  ownData: call(z.object({}), z.string()),
  keepHook: call(z.object({ id: z.string(), agent: process }), z.null()),
  decideHook: call(
    z.object({
      id: z.string(),
      decision: z
        .union([
          z.object({ behavior: z.literal('allow') }),
          z.object({ behavior: z.literal('deny'), message: z.string() }),
        ])
        .nullable(),
    }),
    z.enum(['given', 'too_late']),
  ),
} as const

export type CallName = keyof typeof calls
export type CallArgs<Name extends CallName> = z.infer<(typeof calls)[Name]['args']>
export type CallAnswer<Name extends CallName> = z.infer<(typeof calls)[Name]['answer']>

function call<Args extends z.ZodType, Answer extends z.ZodType>(args: Args, answer: Answer) {
  return { args, answer }
}
