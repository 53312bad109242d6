import { open } from 'node:fs/promises'
import { attemptLogPath } from './log.ts'

/** The end of a log is what one looks for; a turn of hours can have megabytes before it. */
const maxBytes = 65_536

/** What was seen and done in an attempt: its last 64 kB; null when its file is not there (any more). */
export async function readAttemptLog(
  dataDir: string,
  attempt: { promptId: number; number: number },
): Promise<string | null> {
  try {
    await using file = await open(attemptLogPath(dataDir, attempt))
    const { size } = await file.stat()
    const from = Math.max(0, size - maxBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const text = buffer.toString('utf8', 0, bytesRead)
    return from === 0 ? text : `…${text.slice(text.indexOf('\n'))}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
