import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '../../core/errors.ts'
import { makePrivateFolder } from '../../core/private-files.ts'

const membershipSchema = z.object({
  url: z.string(),
  name: z.string(),
  key: z.string(),
  /** The dashboard's certificate in PEM, where it is one of its own making. */
  ca: z.string().exactOptional(),
})
/** What this machine needs to be a node: kept in `<data>/node.json`, for its owner alone. */
export type StoredMembership = z.infer<typeof membershipSchema>

const pathOf = (dataDir: string) => join(dataDir, 'node.json')

/** null: this machine has not joined. Throws `unavailable` for a file that can't be read. */
export function readMembership(dataDir: string): StoredMembership | null {
  const path = pathOf(dataDir)
  try {
    return membershipSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AppError(
      'unavailable',
      `${path} does not say which cluster this machine belongs to (${messageOf(error)}). Join again with a new invitation.`,
      { cause: error },
    )
  }
}

/** Throws `not_found` with what to do when this machine has not joined. */
export function requireMembership(dataDir: string): StoredMembership {
  const membership = readMembership(dataDir)
  if (membership) return membership
  throw new AppError(
    'not_found',
    'This machine belongs to no cluster. Run ./deploy.sh nodes invite where the dashboard runs; it says what to type here.',
  )
}

/** Whole or not at all: a key that is lost means a new invitation. */
export function writeMembership(dataDir: string, membership: StoredMembership): void {
  makePrivateFolder(dataDir)
  const path = pathOf(dataDir)
  writeFileSync(`${path}.new`, `${JSON.stringify(membership, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}
