import { constants, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../core/clock.ts'
import { openEnvelope } from './envelope.ts'
import { readMessage, type ReadMessage } from './messages/read.ts'

export interface MessageFile {
  /** When it was last written. */
  at: EpochMs
  content: ReadMessage | 'unfinished'
}

/** The longest last line: "end" and a name. */
const lastLineBytes = 64

/** Reads one file of the spool, and the whole of it only when it is finished. */
export async function openMessageFile(folder: string, name: string): Promise<MessageFile | 'gone'> {
  const file = await openFile(join(folder, name))
  if (file === 'gone' || 'unreadable' in file) return file === 'gone' ? file : { at: 0, content: file }
  await using handle = file
  const stat = await handle.stat()
  const at = Math.round(stat.mtimeMs)
  if (!stat.isFile()) return { at, content: { unreadable: 'it is not a file' } }
  if (!(await isFinished(handle, stat, name))) return { at, content: 'unfinished' }
  const envelope = openEnvelope(name, await handle.readFile(), at)
  return {
    at,
    content: envelope === 'unfinished' || 'unreadable' in envelope ? envelope : readMessage(envelope),
  }
}

/** A pipe or a link that somebody put there is not waited for or followed. */
async function openFile(path: string): Promise<FileHandle | 'gone' | { unreadable: string }> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'gone' : { unreadable: message }
  }
}

async function isFinished(handle: FileHandle, { size }: Stats, name: string): Promise<boolean> {
  const length = Math.min(size, lastLineBytes)
  const tail = Buffer.alloc(length)
  await handle.read(tail, 0, length, size - length)
  return tail.toString('latin1').endsWith(`\nend ${name}\n`)
}
