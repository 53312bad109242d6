import { AppError } from '../core/errors.ts'
import type { Project } from '../core/project.ts'
import type { Ground } from './place.ts'

/** Where the files of a project are. Throws `invalid` when it has no folder, `conflict` when it is archived. */
export function groundOf({ key, rootPath, status }: Project, dataDir: string): Ground {
  if (rootPath === null) {
    throw new AppError('invalid', `Project ${key} has no folder on this machine. Give it one first.`)
  }
  if (status === 'archived') {
    throw new AppError('conflict', `Project ${key} is archived. Make it active again first.`)
  }
  return { root: rootPath, dataDir }
}
