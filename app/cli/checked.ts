import type { z } from 'zod'
import { AppError } from '../core/errors.ts'
import { failureOf } from '../http/failures.ts'

/** What the API would refuse is refused on this machine as well, in the same words. Throws `invalid`. */
export function checked<T>(schema: z.ZodType<T>, words: unknown): T {
  const { success, data, error } = schema.safeParse(words)
  if (success) return data
  throw new AppError('invalid', failureOf(error).message)
}
