import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../core/missing.ts'
import { ProcessTable } from '../agents/process-table.ts'
import type { EpochMs } from '../core/clock.ts'
import type { HookPaths } from './paths.ts'

/** Messages that may wait before hooks drop new ones, as in `hook.sh`; they are taken again below half of it. */
export const maxWaiting = 10_000
/** Messages that were not understood: the newest are kept, each with its reason. */
const maxUnread = 200
const decisionsForMs = 60_000
/** What is known of an agent that has ended is kept this long: its attempt may still be settled. */
const recordsForMs = 24 * 3_600_000

/** Forgets what is old. Returns how many messages hooks have dropped since the last time. */
export async function sweepSpool(paths: HookPaths, now: EpochMs): Promise<{ dropped: number }> {
  for (const name of await names(paths.decisions)) {
    await forgetOlder(join(paths.decisions, name), now - decisionsForMs)
  }
  for (const name of await names(paths.records)) {
    if (!isAlive(name)) await forgetOlder(join(paths.records, name), now - recordsForMs)
  }
  await keepNewest(paths.unread)
  if ((await names(paths.incoming)).length < maxWaiting / 2) await rm(paths.full, { force: true })
  const dropped = (await lstat(paths.dropped).catch(unlessMissing(null)))?.size ?? 0
  if (dropped > 0) await rm(paths.dropped, { force: true })
  return { dropped }
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(unlessMissing(null))) ?? []
}

async function forgetOlder(path: string, before: EpochMs) {
  const found = await lstat(path).catch(unlessMissing(null))
  if (found && found.mtimeMs < before) await rm(path, { recursive: true, force: true })
}

/** A record is named after its process: `PID-START.json`. */
function isAlive(record: string): boolean {
  const [, pid, startedAt] = /^(\d+)-(\d+)\.json$/.exec(record) ?? []
  return pid !== undefined && new ProcessTable().entry(Number(pid))?.startedAt === Number(startedAt)
}

async function keepNewest(folder: string) {
  const found = await names(folder)
  if (found.length <= maxUnread) return
  const ages = await Promise.all(
    found.map(async (name) => ({
      name,
      at: (await lstat(join(folder, name)).catch(unlessMissing(null)))?.mtimeMs ?? 0,
    })),
  )
  const old = ages.toSorted((a, b) => b.at - a.at).slice(maxUnread)
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true })
}
