import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** What a file turned out to be when it was opened. */
export type FileRead =
  | { is: 'read'; bytes: Buffer }
  | { is: 'huge'; bytes: number }
  | { is: 'special' }
  | { is: 'unreadable'; reason: string }

/**
 * Reads a regular file below a real root, wherever links lead that were put there meanwhile: no link is opened, a
 * pipe does not block, and what was opened must lie inside. `root` is a real path. At most `mostBytes` are taken;
 * what grows while it is read is read as far as it was when it was opened.
 */
export function readInside(root: string, name: string, mostBytes: number): FileRead {
  let descriptor: number
  try {
    descriptor = openSync(join(root, name), openFlags)
  } catch (error) {
    return whyNot(error as NodeJS.ErrnoException)
  }
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return { is: 'special' }
    if (!liesInside(descriptor, root)) return { is: 'special' }
    if (stat.size > mostBytes) return { is: 'huge', bytes: stat.size }
    return { is: 'read', bytes: readWhole(descriptor, stat.size) }
  } catch (error) {
    return whyNot(error as NodeJS.ErrnoException)
  } finally {
    closeSync(descriptor)
  }
}

const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** A folder on the way may be a link. Where there is no /proc, names are taken from git, which follows none. */
function liesInside(descriptor: number, root: string): boolean {
  if (process.platform !== 'linux') return true
  const place = readlinkSync(`/proc/self/fd/${descriptor}`)
  return root === '/' || place.startsWith(`${root}/`)
}

/** A file that shrinks ends early. */
function readWhole(descriptor: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let length = 0
  while (length < size) {
    const read = readSync(descriptor, bytes, length, size - length, null)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

/** ELOOP: a link; ENXIO: a socket; EISDIR can't happen with O_RDONLY. */
function whyNot({ code = 'unknown' }: NodeJS.ErrnoException): FileRead {
  if (code === 'ELOOP' || code === 'ENXIO') return { is: 'special' }
  return { is: 'unreadable', reason: reasons[code] ?? code }
}

const reasons: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is gone',
  ENOTDIR: 'it is gone',
  EIO: 'the disk fails',
}
