import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rename, unlink } from 'node:fs/promises'
import { AppError } from '../core/errors.ts'
import { fileLimits } from '../core/project-file.ts'
import { openFolderOf, placeIn, type Ground, type OpenFolder } from './place.ts'
import { bytesAt, versionOf } from './read-file.ts'
import { below, codeOf } from './walk.ts'

export interface FileChange {
  path: string
  content: Buffer
  /** Of the content that was read and is replaced; null: there must be no file of that name. */
  version: string | null
}

/**
 * Puts a file in the place of the one that was read, whole or not at all. Throws `conflict` when there is another
 * content by now, or already one, and as `readProjectFile` does. Whoever writes through here at the same time waits;
 * a program that writes in the moment between the last look and the change, some 0.1 ms, is not seen.
 */
export async function writeProjectFile(
  ground: Ground,
  change: FileChange,
): Promise<{ version: string; sizeBytes: number; isNew: boolean }> {
  const { path, content, version } = change
  if (content.length > fileLimits.bytes) {
    throw new AppError('invalid', `A file written here has at most ${fileLimits.bytes} bytes.`)
  }
  await using folder = await openFolderOf(ground, path)
  const { dev, ino } = await folder.handle.stat()
  await inTurn(`${dev} ${ino} ${folder.name}`, () => replace(folder, content, version))
  return { version: versionOf(content), sizeBytes: content.length, isNew: version === null }
}

async function replace(folder: OpenFolder, content: Buffer, version: string | null): Promise<void> {
  const mode = await requireVersion(folder, version)
  const draft = below(folder.handle, `.architect-${randomBytes(8).toString('hex')}.tmp`)
  try {
    await writeDraft(draft, content, mode)
    await requireVersion(folder, version)
    await folder.requireStill()
    const target = below(folder.handle, folder.name)
    // A link fails where there is something by now; a rename would replace it.
    if (version === null) await link(draft, target)
    else await rename(draft, target)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw exists(folder.name)
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EROFS') {
      throw new AppError('forbidden', 'This machine does not let Architect write there.', { cause: error })
    }
    throw error
  } finally {
    await removeDraft(draft)
  }
}

/** The mode that the file has, for the one in its place. Throws `conflict`. */
async function requireVersion(folder: OpenFolder, version: string | null): Promise<number> {
  await using place = await placeIn(folder)
  if (place === null) {
    if (version === null) return newMode
    throw new AppError(
      'conflict',
      `${folder.name} is gone since you read it. Send version null to make it anew.`,
    )
  }
  if (version === null) throw exists(folder.name)
  if (versionOf(await bytesAt(place.handle)) === version) return place.stats.mode & 0o777
  throw new AppError(
    'conflict',
    `${folder.name} was changed since you read it. Read it again, and send the version that you get.`,
  )
}

const newMode = 0o644

const exists = (name: string) =>
  new AppError('conflict', `There is a file ${name} already. Read it, and send its version to replace it.`)

async function writeDraft(path: string, content: Buffer, mode: number): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  await using file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  await file.writeFile(content)
  await file.chmod(mode)
  await file.sync()
}

async function removeDraft(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

const turns = new Map<string, Promise<void>>()

/** One after the other for the same file. */
async function inTurn(file: string, work: () => Promise<void>): Promise<void> {
  const before = turns.get(file)
  const own = (before ?? Promise.resolve()).then(work)
  const settled = own.catch(() => undefined)
  turns.set(file, settled)
  try {
    await own
  } finally {
    if (turns.get(file) === settled) turns.delete(file)
  }
}
