import { appendFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMs } from '../../../core/clock.ts'
import { maskText } from '../../../core/masking.ts'
import { appendEvent } from '../../../db/events.ts'
import type { Tools } from '../../tools.ts'

const fileName = 'not_understood.txt'
/** More is not kept; a shell in a loop would fill the disk. */
const maxBytes = 1_024 * 1_024
const shownChars = 200

/** Keeps lines that are no entry beside the view, and says so in the log. */
export async function keepRubbish(
  { database }: Tools,
  folder: string,
  lines: readonly string[],
  now: EpochMs,
): Promise<void> {
  const path = join(folder, fileName)
  const masked = lines.map(maskText)
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size < maxBytes) {
    const text = masked
      .map((line) => `${new Date(now).toISOString()} ${line.slice(0, maxBytes / 4)}\n`)
      .join('')
    await appendFile(path, text.slice(0, maxBytes), { mode: 0o600 })
  }
  const data = {
    name: 'active_sessions.json',
    lines: lines.length,
    beginning: (masked[0] ?? '').slice(0, shownChars),
    kept_in: path,
  }
  await database.write(async (db) =>
    appendEvent(db, { at: now, noun: 'lock', nounId: '', type: 'not_understood', data }),
  )
}
