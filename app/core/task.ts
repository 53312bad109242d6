import type { EpochMs } from './clock.ts'
import type { Transition } from './lifecycle.ts'

export const taskStates = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const
export type TaskState = (typeof taskStates)[number]

export type TaskId = number
export type RunId = number

/**
 * The life of a task. The SQL guards, the documentation and the tests come from this table.
 *
 * - `back_off`: a run failed and others may follow; it waits for a while.
 * - `release`: a run ended through no fault of its own (its worker was stopped); it waits again at once.
 * - `fail`: no run is left to try. A failed task is a dead letter until somebody sends it again (`retry`).
 * - `stop`: its run was ended because somebody cancelled it.
 */
export const taskEvents = {
  claim: { from: ['pending'], to: 'running' },
  finish: { from: ['running'], to: 'completed' },
  back_off: { from: ['running'], to: 'pending' },
  release: { from: ['running'], to: 'pending' },
  fail: { from: ['running'], to: 'failed' },
  cancel: { from: ['pending'], to: 'cancelled' },
  stop: { from: ['running'], to: 'cancelled' },
  retry: { from: ['failed', 'cancelled'], to: 'pending' },
} as const satisfies Record<string, Transition<TaskState>>
export type TaskEvent = keyof typeof taskEvents

/** How a run ended. `lost`: its worker gave no sign of life any more. */
export const runOutcomes = ['completed', 'failed', 'timed_out', 'cancelled', 'lost', 'released'] as const
export type RunOutcome = (typeof runOutcomes)[number]

/** Why a pending task is not given out yet. */
export const taskHolds = ['not_before', 'backoff'] as const
export type TaskHold = (typeof taskHolds)[number]

/** What kind of work it is: one of `builtInTypes`, or the type of a handler of one's own. */
export const taskTypePattern = /^[a-z][a-z0-9_.-]{0,39}$/
export const taskTypeRule = 'a word of at most 40 small letters, digits, dots, dashes or underscores'

export const taskLimits = {
  dataBytes: 256_000,
  resultBytes: 64_000,
  nameChars: 200,
  reasonChars: 2_000,
  maxRetries: 20,
  timeoutMs: 24 * 60 * 60_000,
  secrets: 50,
} as const

export const defaultTaskRetries = 3
export const defaultTaskTimeoutMs = 10 * 60_000

/** Of a run's log so much is kept: its beginning, and its end. What lay between is counted. */
export const logLimits = { headBytes: 256_000, tailBytes: 768_000, lastBytes: 4_000 } as const

/** A wait grows up to this, unless the first one is longer. In ms. */
export const mostRetryDelayMs = 10 * 60_000

/** How long a task waits before its nth retry: doubled each time. In ms. */
export function retryDelay(firstMs: number, retry: number): number {
  return Math.max(firstMs, Math.min(mostRetryDelayMs, firstMs * 2 ** Math.min(retry, 20)))
}
export const defaultRetryDelayMs = 5_000

/** What somebody hands in; `data` is checked by its handler's schema before. */
export interface NewTask {
  type: string
  data: Record<string, unknown>
  /** For people; null: they read the type. */
  name?: string | null
  priority?: number
  /** Only workers of this node. */
  node?: string | null
  /** The folder that it works in, on the worker's machine; null: one of its own. */
  dir?: string | null
  /** Secrets that its programs find in their environment: `NAME` or `VARIABLE=name of the secret`. */
  secrets?: string[]
  timeoutMs?: number
  maxRetries?: number
  retryDelayMs?: number
  notBefore?: EpochMs | null
  /** A second task with the same key is the first one. */
  idempotencyKey?: string | null
  createdBy: string
  /** The schedule that it comes from. */
  scheduleId?: number | null
}

/** A background job for a worker. */
export interface Task {
  id: TaskId
  state: TaskState
  type: string
  name: string | null
  data: Record<string, unknown>
  priority: number
  node: string | null
  dir: string | null
  secrets: string[]
  timeoutMs: number
  maxRetries: number
  retryDelayMs: number
  /** Runs that followed a failed one, since it was handed in or sent again. */
  retryCount: number
  /** All runs that there were. */
  runs: number
  hold: TaskHold | null
  wakeAt: EpochMs | null
  idempotencyKey: string | null
  /** Name of the worker that has it, or had it last. */
  worker: string | null
  cancelRequestedAt: EpochMs | null
  createdBy: string
  scheduleId: number | null
  createdAt: EpochMs
  enqueuedAt: EpochMs
  startedAt: EpochMs | null
  endedAt: EpochMs | null
  /** Why it ended as it did, or why it waits again. */
  reason: string | null
  result: unknown
  version: number
}

/** One try of a task by one worker. */
export interface TaskRun {
  id: RunId
  taskId: TaskId
  number: number
  workerId: number
  worker: string
  node: string
  leaseOwner: string
  /** Fencing token: raised when somebody takes the run over; a statement with an earlier one changes nothing. */
  leaseEpoch: number
  leaseUntil: EpochMs
  startedAt: EpochMs
  endedAt: EpochMs | null
  outcome: RunOutcome | null
  reason: string | null
  exitCode: number | null
  /** The signal that ended its program. */
  signal: string | null
  /** The most memory that its processes had at one time, where the worker could see it. */
  peakMemoryBytes: number | null
  /** What its programs wrote, in bytes; kept is less (`logLimits`). */
  logBytes: number
  /** The end of the log, in at most `logLimits.lastBytes`. */
  logTail: string
}

/** How a run's work ended, as its worker tells it. */
export interface RunEnd {
  reason?: string | null
  exitCode?: number | null
  signal?: string | null
  peakMemoryBytes?: number | null
  result?: unknown
}

/** A part of a run's log; where the next one begins later than this one ends, something was left out. */
export interface LogPart {
  /** In bytes of the whole log. */
  at: number
  bytes: number
  text: string
}

/** A handler as people and programs see it. */
export interface TaskType {
  type: string
  about: string
  /** JSON Schema of its data; null: it takes anything. */
  schema: Record<string, unknown> | null
  timeoutMs: number
  maxRetries: number
}

export const taskGlyph: Readonly<Record<TaskState, string>> = {
  pending: '◌',
  running: '◐',
  completed: '✓',
  failed: '✗',
  cancelled: '⊘',
}
