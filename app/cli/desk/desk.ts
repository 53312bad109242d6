import type { Asked, Escalation } from '../../broker/delegation/escalate.ts'
import type { PromptTree } from '../../broker/delegation/tree.ts'
import type { ShownAttempt } from '../../broker/shown-attempt.ts'
import type { SessionRow } from '../../broker/session-view.ts'
import type { SessionChanges } from '../../broker/session-settings.ts'
import type { LoggedEvent } from '../../core/event.ts'
import type { NewPrompt, Prompt, PromptId, PromptState } from '../../core/prompt.ts'
import type { Controls } from '../../db/controls.ts'
import type { PromptPage } from '../../db/prompt/read.ts'
import type { Instance } from '../../single-instance.ts'
import type { SessionSettings } from '../../db/session-settings.ts'

/**
 * The queue as a command works on it: the database of this machine, or the dashboard of another one
 * (`ARCHITECT_URL`). Both throw the same `AppError`s.
 */
export interface Desk {
  /** The data folder or the dashboard's address, for sentences. */
  readonly where: string
  readonly isRemote: boolean
  /** What to say where prompts wait and no assigner runs. */
  readonly startHint: string

  submit(input: NewPrompt): Promise<{ prompt: Prompt; created: boolean }>
  prompt(id: PromptId): Promise<Prompt>
  attempts(id: PromptId): Promise<ShownAttempt[]>
  prompts(filter: PromptFilter): Promise<PromptPage>
  figures(): Promise<Figures>
  assignerRuns(): Promise<boolean>

  cancel(id: PromptId): Promise<Prompt>
  retry(id: PromptId): Promise<Prompt>
  retryAll(): Promise<PromptId[]>
  /** To anyone when `session` is null; with `force` past the rules of the hierarchy. */
  reassign(id: PromptId, session: string | null, force?: boolean): Promise<Prompt>
  accept(id: PromptId, comment: string | null): Promise<Prompt>
  sendBack(id: PromptId, comment: string): Promise<Prompt>
  /** Asks the session that delegated it, or a person where none did; or as `to` says. */
  escalate(id: PromptId, question: string, to?: Escalation): Promise<Asked>
  /** The prompt, those above it and those below it. */
  tree(id: PromptId): Promise<PromptTree>
  interrupt(id: PromptId): Promise<Prompt>
  approve(id: PromptId): Promise<Prompt>
  reject(id: PromptId): Promise<Prompt>
  resolve(id: PromptId, as: 'completed' | 'failed' | 'retry'): Promise<Prompt>
  suspend(id: PromptId, follow: { summary: string | null; requiresFollowUp: boolean }): Promise<Prompt>
  /** Returns how many were deleted. */
  clear(filter: { days?: number }): Promise<number>
  /** The whole queue, or one session; returns the session's own name. */
  pause(session: string | null): Promise<string | null>
  resume(session: string | null): Promise<string | null>
  drain(): Promise<void>

  sessions(): Promise<SessionRow[]>
  changeSession(wanted: string, changes: SessionChanges): Promise<SessionSettings>
  /** The name under which prompts are routed to it; a wrong one is refused here or when it is used. */
  requireSession(wanted: string): Promise<string>

  /** Where the event log ends now: what is followed from here is news. */
  endOfLog(): Promise<number>
  /** Every event after `cursor`, in order and soon after it was stored, until `signal` aborts. */
  follow(cursor: number, signal: AbortSignal, about?: EventFilter): AsyncGenerator<LoggedEvent>
}

export interface PromptFilter {
  states?: readonly PromptState[]
  sessionName?: string
  limit: number
  before?: PromptId
}

export interface EventFilter {
  noun?: LoggedEvent['noun']
  nounId?: string
}

/** A process of Architect, as far as it is known from here. */
export type Running = ({ running: true } & Omit<Instance, 'log'> & { log?: string }) | { running: false }

/** What the status shows beside prompts and sessions. */
export interface Figures {
  dashboard: Running
  assigner: Running
  controls: Controls
  prompts: Record<PromptState, number>
  oldestWaitingSince: number | null
}
