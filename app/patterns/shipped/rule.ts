import type { DecisionContext } from '../context.ts'
import type { SimpleCommand } from '../shell/simple-command.ts'

/** A rule that comes with Architect. `deny` is never outvoted; `ask` gives way only to a pattern without wildcards. */
export interface ShippedRule {
  name: string
  effect: 'deny' | 'ask'
  /** Continues the sentence "… because it ". */
  reason: string
  matches(command: SimpleCommand, context: DecisionContext): boolean
}
