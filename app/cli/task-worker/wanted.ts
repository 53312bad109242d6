import { cpus } from 'node:os'
import { z } from 'zod'
import { AppError } from '../../core/errors.ts'
import { taskTypePattern } from '../../core/task.ts'
import { taskWorkerName } from './names.ts'

/** A task worker as it shall be. */
export interface WantedWorker {
  /** What it calls itself; null: its machine's name. */
  name: string | null
  /** Only these types; null: all that it can do. */
  types: string[] | null
  concurrency: number
}

/** More at once than a small machine should do by itself; people say more. */
const usualConcurrency = Math.max(1, Math.min(4, cpus().length))

/** What starts a worker in the background says what it shall be by its environment. */
export function readWanted(env: NodeJS.ProcessEnv): WantedWorker {
  const read = schema.safeParse(env)
  if (!read.success) {
    const { path, message } = read.error.issues[0]!
    throw new AppError('invalid', `${path.join('.')} ${message}.`)
  }
  const { ARCHITECT_TASK_WORKER, ARCHITECT_TASK_TYPES, ARCHITECT_TASK_CONCURRENCY } = read.data
  return {
    name: ARCHITECT_TASK_WORKER || null,
    types: ARCHITECT_TASK_TYPES ?? null,
    concurrency: ARCHITECT_TASK_CONCURRENCY ?? usualConcurrency,
  }
}

export function environmentFor({ name, types, concurrency }: WantedWorker): Record<string, string> {
  return {
    ARCHITECT_TASK_WORKER: name ?? '',
    ARCHITECT_TASK_TYPES: types?.join(',') ?? '',
    ARCHITECT_TASK_CONCURRENCY: String(concurrency),
  }
}

/** Its name in locks and logs: two workers of one data folder differ by their names. */
export function instanceOf({ name }: Pick<WantedWorker, 'name'>): string {
  return name === null ? taskWorkerName : `${taskWorkerName}-${name}`
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

export const mostConcurrency = 100

const schema = z.object({
  ARCHITECT_TASK_WORKER: z
    .union([
      z.literal(''),
      z.string().regex(namePattern, { error: 'takes letters, digits, dots and dashes' }),
    ])
    .optional(),
  ARCHITECT_TASK_TYPES: z
    .string()
    .transform((text) => text.split(',').filter(Boolean))
    .pipe(z.array(z.string().regex(taskTypePattern, { error: 'takes types of tasks, with commas between' })))
    .transform((types) => (types.length > 0 ? types : undefined))
    .optional(),
  ARCHITECT_TASK_CONCURRENCY: z.coerce
    .number({ error: `must be a whole number from 1 to ${mostConcurrency}` })
    .int()
    .min(1)
    .max(mostConcurrency)
    .optional(),
})
