import { constants } from 'node:fs'
import { open, readlink, type FileHandle } from 'node:fs/promises'
import { AppError } from '../core/errors.ts'

/*
 * Names are looked up one by one, each in the folder that was opened before it, as openat(2) does: under
 * /proc/self/fd/N the kernel goes on from the open folder itself, whatever happened meanwhile to the path that led
 * there. No name may be a link, so nobody can move one in between looking and opening.
 */

const { O_NOFOLLOW, O_DIRECTORY, O_RDONLY } = constants
/** Linux: opens nothing but the place, so that a pipe does not wait for its other end and a device does nothing. */
const O_PATH = 0o10000000
const asFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW

/** A place below an open folder, for calls that take a path. */
export const below = ({ fd }: FileHandle, name: string) => `/proc/self/fd/${fd}/${name}`

/** Told of each folder on the way, once it is open; what it throws ends the way there. */
type Enter = (folder: FileHandle) => Promise<void>

/**
 * The folder that `names` lead to from the real path of a project on; the caller closes it. Throws `not_found` where
 * there is none, `forbidden` where a name is a link, `conflict` where the project's folder has moved.
 */
export async function openFolder(root: string, names: readonly string[], enter: Enter): Promise<FileHandle> {
  const moved = new AppError(
    'conflict',
    `The project's folder ${root} is no longer there, or a link by now. Give the project its new folder.`,
  )
  const top = await descend(await openTop(), root.split('/').filter(Boolean), enter, () => moved)
  return descend(top, names, enter, refuseName)
}

/** What a name in a folder is, without doing anything to it; null: nothing. The caller closes it. */
export async function openPlace(folder: FileHandle, name: string): Promise<FileHandle | null> {
  try {
    return await open(below(folder, name), O_PATH | O_NOFOLLOW)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw refuseName(name, error)
  }
}

/** The file at a place, for reading: the same file, wherever its name leads by now. */
export const openAt = (place: FileHandle) => open(`/proc/self/fd/${place.fd}`, O_RDONLY)

/** Where an open folder or file is by now. */
export const pathOf = ({ fd }: FileHandle) => readlink(`/proc/self/fd/${fd}`)

async function openTop(): Promise<FileHandle> {
  const top = await open('/', asFolder)
  try {
    await pathOf(top)
    return top
  } catch (error) {
    await top.close()
    throw new AppError('unavailable', 'Files are read where there is /proc only: on Linux.', { cause: error })
  }
}

async function descend(
  from: FileHandle,
  names: readonly string[],
  enter: Enter,
  refused: (name: string, error: unknown) => unknown,
): Promise<FileHandle> {
  let folder = from
  for (const name of names) {
    folder = await step(folder, name, refused)
    try {
      await enter(folder)
    } catch (error) {
      await folder.close()
      throw error
    }
  }
  return folder
}

/** Closes the folder that it goes on from. */
async function step(
  from: FileHandle,
  name: string,
  refused: (name: string, error: unknown) => unknown,
): Promise<FileHandle> {
  try {
    return await open(below(from, name), asFolder)
  } catch (error) {
    throw refused(name, error)
  } finally {
    await from.close()
  }
}

function refuseName(name: string, error: unknown): unknown {
  const code = codeOf(error)
  const cause = { cause: error }
  if (code === 'ENOENT') return new AppError('not_found', `There is no folder "${name}".`, cause)
  if (code === 'ELOOP' || code === 'ENOTDIR') {
    return new AppError('forbidden', `"${name}" is no folder, or a link, which is not followed.`, cause)
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('forbidden', `This machine does not let Architect open "${name}".`, cause)
  }
  return error
}

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code
