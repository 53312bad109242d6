import { createHash } from 'node:crypto'
import { AppError, OutdatedError } from '../core/errors.ts'
import { toJson } from '../json.ts'
import { HttpFailure } from './failures.ts'

interface Expected {
  ifMatch: string | null
  body: { version?: number | undefined }
}

/**
 * The ETag of what has a version: `"3-Jq0XGkzH"`. Behind the version stands a hash of all that is shown, for some of
 * it (a milestone's progress) changes without it, and If-None-Match has to notice that.
 */
export function versionTag(reply: { version: number }): string {
  const shown = createHash('sha256').update(JSON.stringify(reply)).digest('base64url')
  return `"${reply.version}-${shown.slice(0, 8)}"`
}

/**
 * Runs a change of one version: that of the header If-Match (an ETag or just `"3"`, or several; `*` is any), or that
 * in the body. One that no longer holds is 412 for the header, 409 for the body; with the present state both times.
 */
export async function changingVersion<T>(
  { ifMatch, body }: Expected,
  change: (version: number | undefined) => Promise<T>,
): Promise<T> {
  if (ifMatch === null || ifMatch.trim() === '*') return change(body.version)
  try {
    return await changeOneOf(versionsOf(ifMatch), change)
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error
    const { message, current } = error
    throw new HttpFailure({ status: 412, code: 'precondition_failed', message, current: toJson(current) })
  }
}

/** What is refused says which version there is; when that was meant as well, it is changed. */
async function changeOneOf<T>(
  [first, ...others]: readonly number[],
  change: (version: number | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await change(first)
  } catch (error) {
    if (!(error instanceof OutdatedError && 'version' in error.current)) throw error
    const { version } = error.current
    if (!others.some((other) => other === version)) throw error
    return change(version as number)
  }
}

/** Weak ones, too: a proxy that compresses makes them of ours. */
const tag = String.raw`(?:W\/)?(?:"(\d{1,9})(?:-[\w-]*)?"|(\d{1,9}))`
const tags = new RegExp(String.raw`^\s*${tag}\s*(?:,\s*${tag}\s*){0,31}$`)

/** At least one. Throws `invalid` for anything else. */
function versionsOf(ifMatch: string): number[] {
  if (tags.test(ifMatch)) {
    return [...ifMatch.matchAll(new RegExp(tag, 'g'))].map(([, quoted, bare]) => Number(quoted ?? bare))
  }
  throw new AppError('invalid', 'If-Match must be the ETag that was read, or its version in quotes: "3".')
}
