import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, isAppError, messageOf } from '../core/errors.ts'
import { readConfig } from '../config.ts'
import { maskText } from '../core/masking.ts'
import { makePrivateFolder } from '../core/private-files.ts'

/** The command line is wrong: exit code 2. */
export class UsageError extends AppError {
  constructor(message: string) {
    super('invalid', message)
  }
}

/** A sentence for what was expected; for a bug, where its details are. Returns the exit code. */
export function sayWhatFailed(thrown: unknown, env: NodeJS.ProcessEnv): number {
  const error = firstCause(thrown)
  if (isAppError(error)) {
    say(error.message)
    return error instanceof UsageError ? 2 : 1
  }
  if (isUnloadableModule(error)) {
    say('Node was changed after its packages were compiled. Remove node_modules, then run ./deploy.sh again.')
    return 1
  }
  say(`internal error: ${messageOf(error)}. ${whereDetailsAre(error, env)}`)
  return 1
}

/** When giving back failed as well (`await using`), what happened first is what a person wants to know. */
function firstCause(error: unknown): unknown {
  const isSuppressed = error instanceof Error && 'suppressed' in error
  return isSuppressed ? firstCause(error.suppressed) : error
}

function say(sentence: string) {
  process.stderr.write(`architect: ${maskText(sentence)}\n`)
}

function isUnloadableModule(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED'
}

/** Keeps the stack of a bug where a person can find it, also when nothing else works any more. */
function whereDetailsAre(error: unknown, env: NodeJS.ProcessEnv): string {
  const stack = maskText(error instanceof Error ? (error.stack ?? error.message) : String(error))
  try {
    const folder = join(readConfig(env).dataDir, 'logs')
    makePrivateFolder(folder)
    const path = join(folder, 'cli-errors.log')
    // Of the command line only the command: what stands behind it may be a prompt, or worse.
    const entry = `${new Date().toISOString()} ${process.argv[2] ?? 'start'}\n${stack}\n\n`
    appendFileSync(path, entry, { mode: 0o600 })
    return `Details: ${path}`
  } catch (unwritable) {
    return `Details could not be written (${messageOf(unwritable)}):\n${stack}`
  }
}
