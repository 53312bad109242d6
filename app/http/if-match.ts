import { AppError, StaleError } from '../core/errors.ts'
import { HttpFailure } from './failures.ts'

interface Expected {
  ifMatch: string | null
  body: { version?: number | undefined }
}

/**
 * Runs a change of one version: that of the header If-Match (`"3"`; `*` is any), or that in the body. One that no
 * longer holds is 412 for the header, 409 for the body; with the present state both times.
 */
export async function changingVersion<T>(
  { ifMatch, body }: Expected,
  change: (version: number | undefined) => Promise<T>,
): Promise<T> {
  if (ifMatch === null || ifMatch.trim() === '*') return change(body.version)
  try {
    return await change(versionOf(ifMatch))
  } catch (error) {
    if (!(error instanceof StaleError)) throw error
    const { message, current } = error
    throw new HttpFailure({ status: 412, code: 'precondition_failed', message, current })
  }
}

function versionOf(ifMatch: string): number {
  const version = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(ifMatch)?.[1]
  if (version !== undefined) return Number(version)
  throw new AppError('invalid', 'If-Match must be the version that was read, in quotes: "3".')
}
