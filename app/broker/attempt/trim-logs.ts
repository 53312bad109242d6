import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../core/missing.ts'
import type { EpochMs } from '../../core/clock.ts'
import { attemptLogFolder } from './log.ts'

/** Removes the logs of attempts that nothing was written to since then; returns how many. */
export async function trimAttemptLogs(dataDir: string, before: EpochMs): Promise<number> {
  const folder = attemptLogFolder(dataDir)
  let removed = 0
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    if (!name.endsWith('.log') || (await stat(path)).mtimeMs >= before) continue
    await unlink(path)
    removed += 1
  }
  return removed
}

/** The folder is there from the first attempt on. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(unlessMissing([]))
}
