/**
 * What a person is told when something can't be done. `message` is a sentence that says what happened, why,
 * and what to do; anything else that is thrown is a bug.
 */
export type ErrorCode =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'limited'
  | 'unavailable'

export class AppError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
  }
}

/**
 * A node can't be heard: whether what it was asked for was done is known only when it is back. As severe as a
 * crash of ours in the same moment, and mended in the same way.
 */
export class AwayError extends AppError {
  constructor(message: string) {
    super('unavailable', message)
  }
}

/** tmux does not answer, on a node that does. */
export function isSilence(error: unknown): boolean {
  return isAppError(error, 'unavailable') && !(error instanceof AwayError)
}

/** Somebody else changed it first; `current` is how it is now, as whoever asked would be shown it. */
export class StaleError extends AppError {
  readonly current: object

  constructor(message: string, current: object) {
    super('conflict', message)
    this.current = current
  }
}

/** It is of another version than the one that was to be changed. */
export class OutdatedError extends StaleError {}

/** Too often: the same again helps after `retryAfterMs`. */
export class LimitedError extends AppError {
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs: number) {
    super('limited', message)
    this.retryAfterMs = retryAfterMs
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}

/** One line for a log or an event: the message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
