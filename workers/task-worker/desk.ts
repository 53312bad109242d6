import type { NewWorker } from '../../app/core/worker.ts'
import type { LogPart, RunEnd, RunOutcome } from '../../app/core/task.ts'
import type { LiveRun } from '../../app/db/task/read.ts'
import type { Claim, NamedRun } from '../../app/tasks/work.ts'

/**
 * Where a worker gets its tasks, and tells what became of them: beside the database, or over HTTP. Whatever is said
 * about a run that is not the worker's any more throws `conflict` or `not_found` (`isFenced`); anything else that is
 * thrown may be tried again.
 */
export interface TaskDesk {
  /** Returns the worker's number. */
  register(worker: NewWorker): Promise<number>
  /** null: nothing waits for it. */
  claim(workerId: number): Promise<Claim | null>
  /** A sign of life for the worker and all its runs, which it returns. */
  beat(workerId: number): Promise<LiveRun[]>
  /** The same look without a sign of life. */
  runs(workerId: number): Promise<LiveRun[]>
  complete(run: NamedRun, end: RunEnd): Promise<void>
  fail(run: NamedRun, outcome: FailOutcome, end: RunEnd & { mayRetry?: boolean }): Promise<void>
  addLog(run: NamedRun, parts: readonly LogPart[]): Promise<void>
  secrets(run: NamedRun): Promise<Record<string, string>>
  leave(workerId: number): Promise<void>
  /** Calls when there may be something new; returns the way to stop. */
  onNews(listener: () => void): () => void
  /** How often to look for work and for cancelled runs where nobody calls, in ms. */
  lookEveryMs: number
}

export type FailOutcome = Exclude<RunOutcome, 'completed' | 'lost'>
