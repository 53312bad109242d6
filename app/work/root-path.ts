import { realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, parse } from 'node:path'
import { AppError, messageOf } from '../core/errors.ts'

/**
 * The real path of a project's folder, as it is stored. Throws `invalid` when it is no folder of this machine, or one
 * that holds everybody's files: what reads and writes inside projects would be free to go anywhere.
 */
export async function realRootPath(given: string): Promise<string> {
  const path = given === '~' || given.startsWith('~/') ? join(homedir(), given.slice(1)) : given
  if (path.includes('\0')) throw new AppError('invalid', 'A path holds no NUL character.')
  if (!isAbsolute(path)) throw new AppError('invalid', `"${given}" is no absolute path. Write it from / on.`)
  const real = await resolveFolder(path)
  if (real === parse(real).root || real === (await realpath(homedir()))) {
    throw new AppError('invalid', `${real} is too much for one project. Name the folder of its own files.`)
  }
  return real
}

async function resolveFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path)
    if ((await stat(real)).isDirectory()) return real
  } catch (error) {
    throw new AppError('invalid', `${path} can't be opened on this machine: ${messageOf(error)}.`)
  }
  throw new AppError('invalid', `${path} is no folder.`)
}
