import { createHash } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../core/errors.ts'
import { fileLimits, type ProjectFile } from '../core/project-file.ts'
import { openFolderOf, placeIn, type Ground } from './place.ts'
import { openAt } from './walk.ts'

/**
 * A file of a project, by its path from the project's folder on. Throws `not_found`, `invalid` for a path that is
 * none or a file that is too large, and `forbidden` for links, keys and whatever is no plain file.
 */
export async function readProjectFile(ground: Ground, path: string): Promise<ProjectFile> {
  await using folder = await openFolderOf(ground, path)
  await using place = await placeIn(folder)
  if (place === null) throw new AppError('not_found', `There is no file ${path} in this project.`)
  await folder.requireStill()
  const bytes = await bytesAt(place.handle)
  const isText = isUtf8(bytes)
  return {
    path,
    content: bytes.toString(isText ? 'utf8' : 'base64'),
    encoding: isText ? 'utf-8' : 'base64',
    sizeBytes: bytes.length,
    version: versionOf(bytes),
    modifiedAt: Math.floor(place.stats.mtimeMs),
  }
}

/** It may grow while it is read: no more than the limit is taken. Throws `invalid`. */
export async function bytesAt(place: FileHandle): Promise<Buffer> {
  await using file = await openAt(place)
  const buffer = Buffer.alloc(fileLimits.bytes + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) return Buffer.from(buffer.subarray(0, length))
    length += bytesRead
  }
  throw new AppError('invalid', `The file has more than ${fileLimits.bytes} bytes.`)
}

/** What is the same exactly when the content is. 32 hexadecimal digits. */
export function versionOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
