import { z } from 'zod'
import { AppError, messageOf, type ErrorCode } from '../../app/core/errors.ts'

/** A question's answer, or its error with its code; a fault of ours is named and nothing else. */
export const answerSchema = z.union([
  z.object({ value: z.unknown() }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])
export type Answer = z.infer<typeof answerSchema>

/** Runs what was asked; never rejects. */
export async function answerOf(work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: (await work()) ?? null }
  } catch (error) {
    const code = error instanceof AppError ? error.code : 'fault'
    return { error: { code, message: messageOf(error) } }
  }
}

/** The value; throws the error that was answered. */
export function valueOf(answer: unknown): unknown {
  const said = answerSchema.parse(answer)
  if ('value' in said) return said.value
  const { code, message } = said.error
  if (isErrorCode(code)) throw new AppError(code, message)
  throw new Error(message)
}

const codes: Record<ErrorCode, true> = {
  invalid: true,
  unauthorized: true,
  forbidden: true,
  not_found: true,
  conflict: true,
  limited: true,
  unavailable: true,
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code)
}
