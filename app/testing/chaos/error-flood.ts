import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { openDatabase } from '../../db/open.ts'
import { listErrorGroups } from '../../db/error/read.ts'
import { programPath } from '../../core/paths.ts'

export interface FloodVerdict {
  kills: number
  /** Answered for by a process that was killed afterwards. */
  accepted: number
  stored: number
  /** Of the accepted. */
  lost: number
  /** Stored as several groups or errors where it is one kind. */
  doubled: number
}

/** Kills a process in a flood of errors again and again, and counts what of that it answered for is there. */
export async function floodAndKill(dataDir: string, kills: number, floodMs: number): Promise<FloodVerdict> {
  const accepted = new Map<string, number>()
  for (let kill = 0; kill < kills; kill += 1) {
    for (const [kind, count] of await floodOnce(dataDir, `run ${kill}`, floodMs * (0.5 + Math.random()))) {
      accepted.set(kind, (accepted.get(kind) ?? 0) + count)
    }
  }
  await using database = await openDatabase({ dataDir })
  const groups = await listErrorGroups(database.kysely, {}, { limit: 1_000, offset: 0 })
  const storedOf = (kind: string) =>
    groups.filter(({ source }) => source === `${kind}.py`).reduce((sum, { count }) => sum + count, 0)
  const lost = [...accepted].reduce((sum, [kind, count]) => sum + Math.max(0, count - storedOf(kind)), 0)
  return {
    kills,
    accepted: [...accepted.values()].reduce((sum, count) => sum + count, 0),
    stored: groups.reduce((sum, { count }) => sum + count, 0),
    lost,
    doubled: groups.length - new Set(groups.map(({ source }) => source)).size,
  }
}

/** What one process answered for, by kind, until it was killed; beginning with its first answer. */
async function floodOnce(dataDir: string, run: string, ms: number): Promise<Map<string, number>> {
  const program = programPath('app/testing/error-taker')
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, dataDir, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const counts = new Map<string, number>()
  const lines = createInterface({ input: child.stdout })
  const read = once(lines, 'close')
  const first = once(lines, 'line')
  lines.on('line', (kind) => counts.set(kind, (counts.get(kind) ?? 0) + 1))
  await first
  setTimeout(() => child.kill('SIGKILL'), ms)
  await read
  return counts
}
