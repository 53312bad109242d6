import { resolve } from 'node:path'
import type { EpochMs } from '../../core/clock.ts'
import { parseMoment } from '../arguments.ts'
import { UsageError } from '../failure.ts'
import type { AddOptions } from './command.ts'
import type { AddedTask } from './desk.ts'

/**
 * The task that a command line means. Words after the type are what the type is about: the command of a shell, the
 * script and its arguments, an operation; `--data` adds what words can't say. Throws `UsageError`.
 */
export function addedTask(type: string, words: string[], options: AddOptions, now: EpochMs): AddedTask {
  const { name, dir, node, secret, priority, retries, within, after, key } = options
  return {
    type,
    data: { ...dataOf(type, words), ...readData(options.data) },
    ...(name !== undefined && { name }),
    // `~` is the home of the worker's machine, and no shell has put this one's there.
    ...(dir !== undefined && { dir: resolve(dir) }),
    ...(node !== undefined && { node }),
    ...(secret && { secrets: secret }),
    ...(priority !== undefined && { priority }),
    ...(retries !== undefined && { maxRetries: retries }),
    ...(within !== undefined && { timeoutMs: within * 1_000 }),
    ...(after !== undefined && { notBefore: parseMoment('--after', after, now) }),
    ...(key !== undefined && { idempotencyKey: key }),
  }
}

function dataOf(type: string, words: string[]): Record<string, unknown> {
  if (words.length === 0) return {}
  const [first, ...rest] = words
  if (type === 'shell') return { command: words.join(' ') }
  if (type === 'test' || type === 'build') return { command: words }
  if (type === 'python' || type === 'deploy') return { script: first, ...(rest.length > 0 && { args: rest }) }
  if ((type === 'git' || type === 'tmux') && rest.length === 0) return { operation: first }
  throw new UsageError(`Say what ${type} gets as JSON: --data '{"${type === 'git' ? 'url' : 'name'}": "…"}'`)
}

function readData(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  const data = parsed(text)
  if (data !== null && typeof data === 'object' && !Array.isArray(data)) return { ...data }
  throw new UsageError(`--data takes a JSON object, as '{"url": "…"}'; "${text}" is none.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // said by the caller, as of any other text that is no object
  }
}
