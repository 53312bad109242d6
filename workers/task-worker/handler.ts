import type { z } from 'zod'
import type { RunEnd } from '../../app/core/task.ts'
import type { Command, Ended } from './program.ts'

/** What a handler works with during one run. */
export interface TaskRunContext {
  /** Aborts when the task was cancelled, ran out of time, or the worker ends. */
  signal: AbortSignal
  /** The working folder: real and there. */
  dir: string
  /** A line for the log. */
  log: (text: string) => void
  /**
   * Runs a program in the working folder, with the task's secrets in its environment, and sees to its end. Its
   * output goes into the log. Throws `invalid` where it can't be started.
   */
  run: (command: RunCommand) => Promise<Ended & { output: string }>
}

export type RunCommand = Pick<Command, 'program' | 'args' | 'input' | 'onMessage'> & {
  env?: Record<string, string>
  /** What it starts shall live on: neither the task's secrets nor its mark are in its environment. */
  outlives?: true
  /** Another folder than the working folder. */
  dir?: string
}

/** What a type of task does. */
export interface TaskHandler<Data = unknown> {
  type: string
  about: string
  /** What its data must be; checked before each run. */
  data: z.ZodType<Data>
  /** Of a task that says none; the queue's own when absent. */
  timeoutMs?: number
  maxRetries?: number
  /**
   * Does it. Throws `AppError` for what no retry can mend (`invalid`) or what one may (anything else); `RunFailed`
   * where a program ended with an error.
   */
  handle(data: Data, context: TaskRunContext): Promise<RunEnd>
}

/** A run that ended with something else than success, with what is known about it. */
export class RunFailed extends Error {
  readonly end: RunEnd & { mayRetry?: boolean }

  constructor(reason: string, end: RunEnd & { mayRetry?: boolean } = {}) {
    super(reason)
    this.name = 'RunFailed'
    this.end = { ...end, reason }
  }
}

/** How most handlers end: by what their program ended with. Throws `RunFailed` for anything but 0. */
export function endOfProgram(called: string, ended: Ended, result?: unknown): RunEnd {
  const end = {
    exitCode: ended.exitCode,
    signal: ended.signal,
    ...(result !== undefined && { result }),
  }
  if (ended.exitCode === 0) return end
  const how = ended.signal ? `was ended by ${ended.signal}` : `ended with exit code ${ended.exitCode}`
  throw new RunFailed(`${called} ${how}`, end)
}
