import { realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { AppError } from '../../core/errors.ts'
import { repositoryOf } from './repository.ts'

/**
 * Throws `forbidden` unless `dir` is in the folder that a session works in, or in a work tree of the same
 * repository; wherever symbolic links lead. Throws `not_found` when either is not there.
 */
export async function requireOwnFolder(dir: string, worksIn: string): Promise<void> {
  const [wanted, own] = await Promise.all([repositoryOf(dir), repositoryOf(worksIn)])
  if (wanted.project === own.project) return
  const [folder, top] = await Promise.all([realpath(dir), realpath(worksIn)])
  if (folder.startsWith(top === sep ? sep : `${top}${sep}`)) return
  throw new AppError(
    'forbidden',
    `${dir} is not in the project that you work in (${worksIn}): you lock only what is yours to edit.`,
  )
}
