import type { Stats } from 'node:fs'
import { stat, type FileHandle } from 'node:fs/promises'
import { AppError } from '../core/errors.ts'
import { fileLimits } from '../core/project-file.ts'
import { namesOf } from './names.ts'
import { openFolder, openPlace, pathOf } from './walk.ts'

/** Where files may be: a project's real path, without the folder of Architect's own data. */
export interface Ground {
  root: string
  dataDir: string
}

export interface OpenFolder extends AsyncDisposable {
  handle: FileHandle
  /** Of the file in it. */
  name: string
  /** Throws `conflict` when the folder is no longer where it was found. */
  requireStill(): Promise<void>
}

/** The folder of a file, open, and the file's name in it. Throws as `namesOf` and `openFolder` do. */
export function openFolderOf(ground: Ground, path: string): Promise<OpenFolder> {
  const names = namesOf(path)
  return openFolderAt(ground, names.slice(0, -1), names.at(-1)!)
}

/** The folder that `names` lead to. Throws as `openFolder` does. */
export async function openFolderAt(
  { root, dataDir }: Ground,
  names: readonly string[],
  name: string,
): Promise<OpenFolder> {
  const own = await stat(dataDir)
  const handle = await openFolder(root, names, (each) => refuseOwnData(each, own))
  const expected = [root, ...names].join('/')
  const folder: OpenFolder = {
    handle,
    name,
    async requireStill() {
      if ((await pathOf(handle)) === expected) return
      throw new AppError('conflict', 'The folder was moved meanwhile; nothing was done. Look again.')
    },
    [Symbol.asyncDispose]: () => handle.close(),
  }
  try {
    await folder.requireStill()
  } catch (error) {
    await handle.close()
    throw error
  }
  return folder
}

/** A file's place with what it is; null: there is nothing of that name. Throws `forbidden` for what is no plain file. */
export async function placeIn({
  handle,
  name,
}: OpenFolder): Promise<(AsyncDisposable & { handle: FileHandle; stats: Stats }) | null> {
  const place = await openPlace(handle, name)
  if (place === null) return null
  try {
    const stats = await place.stat()
    refuseSpecial(name, stats)
    return { handle: place, stats, [Symbol.asyncDispose]: () => place.close() }
  } catch (error) {
    await place.close()
    throw error
  }
}

/** A file with a second name may have that one outside, where nobody may read or write it from here. */
function refuseSpecial(name: string, stats: Stats): void {
  if (stats.isSymbolicLink()) throw new AppError('forbidden', `"${name}" is a link, which is not followed.`)
  if (!stats.isFile()) throw new AppError('forbidden', `"${name}" is no plain file.`)
  if (stats.nlink > 1) {
    throw new AppError('forbidden', `"${name}" has a second name somewhere (a hard link); copy it first.`)
  }
  if (stats.size <= fileLimits.bytes) return
  throw new AppError('invalid', `"${name}" has ${stats.size} bytes; at most ${fileLimits.bytes} are read.`)
}

/** By what the folder is, not by what it is called. */
async function refuseOwnData(folder: FileHandle, own: Stats): Promise<void> {
  const { dev, ino } = await folder.stat()
  if (dev !== own.dev || ino !== own.ino) return
  throw new AppError('forbidden', "Architect's own data are not read or written here.")
}
