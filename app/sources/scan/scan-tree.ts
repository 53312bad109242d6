import { realpath, stat } from 'node:fs/promises'
import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { AppError } from '../../core/errors.ts'
import { foundLimits, type FoundCounts, type FoundWork } from '../../core/found-work.ts'
import { commentSyntaxOf } from './comment-syntax.ts'
import { isMarkdown, isPlanFile, isTemplate, listedPoints } from './listed-points.ts'
import { readInside } from './read-inside.ts'
import { todoComments } from './todo-comments.ts'
import { treeFiles } from './tree-files.ts'

export interface ScanOptions {
  signal?: AbortSignal
  /** Called now and then with how many files were looked at, of how many. */
  onProgress?: (done: number, total: number) => void
}

/**
 * Everything in the files of a folder that is still to be done: comments, checklists, plan files. The same tree
 * gives the same result, letter by letter. Throws `not_found` for what is no folder, and the signal's reason.
 */
export async function scanTree(folder: string, options: ScanOptions = {}): Promise<FoundWork> {
  const { signal, onProgress } = options
  const root = await realFolder(folder)
  const { files, unread } = await treeFiles(root, signal)
  const found: FoundWork = { comments: [], points: [], planFiles: [], counts: noCounts(), unread }
  found.counts.files = files.length
  for (const [index, file] of files.entries()) {
    if (index % filesPerTurn === 0) {
      await yieldToOthers()
      signal?.throwIfAborted()
      onProgress?.(index, files.length)
    }
    if (isPlanFile(file)) found.planFiles.push(file)
    lookInto(root, file, found)
  }
  onProgress?.(files.length, files.length)
  found.unread = found.unread.slice(0, foundLimits.unread)
  return found
}

/** So that others in the process get a turn every few milliseconds. */
const filesPerTurn = 100

/** A folder where it really is. Throws `not_found`. */
export async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => null)
  const isFolder =
    real !== null &&
    (await stat(real).then(
      (s) => s.isDirectory(),
      () => false,
    ))
  if (isFolder) return real
  throw new AppError('not_found', `There is no folder ${folder}, or it is closed to Architect.`)
}

function noCounts(): FoundCounts {
  return { files: 0, read: 0, bytes: 0, binary: 0, huge: 0, special: 0, unreadable: 0, dropped: 0 }
}

/** Only what may have something in it is opened. */
function lookInto(root: string, file: string, found: FoundWork): void {
  const { counts, unread } = found
  const syntax = commentSyntaxOf(file)
  const isListed = (isMarkdown(file) && !isTemplate(file)) || isPlanFile(file)
  if (syntax === null && !isListed) return
  const read = readInside(root, file, foundLimits.fileBytes)
  if (read.is === 'huge') counts.huge += 1
  if (read.is === 'special') counts.special += 1
  if (read.is === 'unreadable') {
    counts.unreadable += 1
    unread.push({ path: file, reason: read.reason })
  }
  if (read.is !== 'read') return
  const { bytes } = read
  if (isBinary(bytes)) {
    counts.binary += 1
    return
  }
  counts.read += 1
  counts.bytes += bytes.length
  if (isListed) keep(found, 'points', listedPoints(bytes.toString(), file), foundLimits.points)
  if (syntax && mayHaveMarkers(bytes)) {
    keep(found, 'comments', todoComments(bytes.toString(), file, syntax), foundLimits.comments)
  }
}

/** As git tells: a NUL near the beginning. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8_000).includes(0)
}

/** Most files have none, and need not be understood. */
function mayHaveMarkers(bytes: Buffer): boolean {
  return ['TODO', 'FIXME', 'HACK', 'XXX'].some((marker) => bytes.includes(marker, 0, 'latin1'))
}

function keep<Kind extends 'comments' | 'points'>(
  found: FoundWork,
  kind: Kind,
  items: FoundWork[Kind],
  most: number,
): void {
  const room = most - found[kind].length
  ;(found[kind] as unknown[]).push(...items.slice(0, room))
  found.counts.dropped += Math.max(0, items.length - room)
}
