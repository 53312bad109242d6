import type { Actor } from './account.ts'
import type { EpochMs } from './clock.ts'

export const nouns = [
  'prompt',
  'attempt',
  'session',
  'queue',
  'assigner',
  'account',
  'login',
  'note',
  'lock',
  'interaction',
  'pattern',
  'question',
  'notification',
  'node',
  'alert',
  'secret',
  'vault',
  'service_account',
  'ssh_key',
  'error',
  'project',
  'milestone',
  'work',
  'plan',
  'suggestion',
  'suite',
  'task',
  'worker',
  'schedule',
] as const
export type Noun = (typeof nouns)[number]

/** One row of the append-only log. `id` is the cursor for everything that follows the log. */
export interface LoggedEvent {
  id: number
  at: EpochMs
  noun: Noun
  /** The noun's id as text; '' for the queue itself. */
  nounId: string
  /** The lifecycle event or fact: `assign`, `typed`, `state`. */
  type: string
  data: Record<string, unknown>
  /** Who did it; null in rows from before this was kept. */
  actor: Actor | null
}
