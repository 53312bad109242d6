import { isAbsolute } from 'node:path'
import type { z } from 'zod'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import { secretsIn } from '../core/masking.ts'
import { nearest } from '../core/nearest.ts'
import type { NewTask, Task, TaskType } from '../core/task.ts'
import { taskLimits, taskTypePattern, taskTypeRule } from '../core/task.ts'
import type { Db } from '../db/schema.ts'
import { submitTask } from '../db/task/submit.ts'
import { ownTypes } from '../db/worker.ts'
import { parseWanted } from '../vault/give.ts'
import { problemsOf } from './problems.ts'
import { builtInTypes, describeBuiltIns, isBuiltIn, usualType } from './types.ts'

/**
 * Queues a task after it has been looked at: a type that somebody can do, data that fits its schema, limits. Throws
 * `invalid` with what is wrong.
 */
export async function createTask(
  db: Db,
  input: NewTask,
  now: EpochMs,
): Promise<{ task: Task; created: boolean }> {
  return submitTask(db, await checkTask(db, input, now), now)
}

/** The same without queueing it: what is not said is filled in as its type has it. */
export async function checkTask(db: Db, input: NewTask, now: EpochMs): Promise<NewTask> {
  const known = await findType(db, input.type, now)
  const data = dataOf(input)
  if (Buffer.byteLength(JSON.stringify(data)) > taskLimits.dataBytes) {
    throw new AppError('invalid', `The data of a task has at most ${taskLimits.dataBytes} bytes.`)
  }
  if (input.dir != null && !isAbsolute(input.dir)) {
    throw new AppError('invalid', `The working folder must be an absolute path, not "${input.dir}".`)
  }
  for (const secret of input.secrets ?? []) parseWanted(secret)
  refuseSecrets(data)
  return {
    ...input,
    data,
    timeoutMs: within(100, input.timeoutMs ?? (known.timeoutMs || usualType.timeoutMs), taskLimits.timeoutMs),
    maxRetries: within(
      0,
      input.maxRetries ?? (known.timeoutMs ? known.maxRetries : usualType.maxRetries),
      taskLimits.maxRetries,
    ),
  }
}

/** Masked it would do something else, and unmasked it would stand in the database and in every list. */
function refuseSecrets(data: Record<string, unknown>) {
  const [name] = secretsIn(JSON.stringify(data))
  if (name === undefined) return
  throw new AppError(
    'invalid',
    `The data holds the value of the secret "${name}". Give the secret to the task by its name (secrets: ["${name}"]); ` +
      'its value is in the environment then.',
  )
}

/** A type of somebody's own may say anything. */
function within(least: number, given: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, given)))
}

/** Every type that a task may have, ours first. */
export async function listTypes(db: Db, now: EpochMs): Promise<TaskType[]> {
  const own = (await ownTypes(db, now)).filter(({ type }) => !isBuiltIn(type))
  return [...describeBuiltIns(), ...own]
}

async function findType(
  db: Db,
  type: string,
  now: EpochMs,
): Promise<Pick<TaskType, 'timeoutMs' | 'maxRetries'>> {
  if (isBuiltIn(type)) return builtInTypes[type]
  if (!taskTypePattern.test(type)) throw new AppError('invalid', `A type is ${taskTypeRule}.`)
  const own = await ownTypes(db, now)
  const found = own.find((each) => each.type === type)
  if (found) return found
  const names = [...new Set([...Object.keys(builtInTypes), ...own.map((each) => each.type)])]
  throw new AppError(
    'invalid',
    `No worker knows the type "${type}". ${nearest(type, names)} GET /api/tasks/types lists them all.`,
  )
}

/** Of a type of somebody's own, its handler says what fits. */
function dataOf({ type, data }: NewTask): Record<string, unknown> {
  if (!isBuiltIn(type)) return data
  const read = (builtInTypes[type].data as z.ZodType<Record<string, unknown>>).safeParse(data)
  if (read.success) return read.data
  throw new AppError('invalid', `The data does not fit the type ${type}: ${problemsOf(read.error)}`)
}
