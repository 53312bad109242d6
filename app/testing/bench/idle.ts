import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { packageRoot } from '../../core/paths.ts'
import { openDatabase } from '../../db/open.ts'
import { listSessions } from '../../db/sessions.ts'
import { environmentOf, makeDataFolder } from '../broker.ts'
import { startTmux } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { cpuMsOf, cpuMsOfFamily, serverPid } from './cpu.ts'
import { openPanes } from './panes.ts'
import { productFlags } from './product-flags.ts'
import type { Row } from './results.ts'

const paneCount = 100
/** BENCH_IDLE_MS shortens it for a try. */
const observedMs = Number(process.env['BENCH_IDLE_MS'] ?? 60_000)
const unobservedMs = 10_000
/** What the start costs is over by then: the first complete look, and the compiler's work on hot code. */
const warmUpMs = 30_000

/** The compiled assigner as a process of its own beside 100 idle agents and an empty queue. */
export async function benchIdle(): Promise<Row[]> {
  await promisify(execFile)('npm', ['run', 'build'], { cwd: packageRoot })
  await using server = await startTmux()
  await openPanes(server, 'idle', paneCount)
  await sleep(3_000)
  const tmux = await serverPid(server)
  const rest = await shareOf(() => cpuMsOf(tmux), unobservedMs)
  await using assigner = await startAssigner(await makeDataFolder(server), server.socketPath)
  await sleep(warmUpMs)
  const share = await shareOf(() => cpuMsOf(tmux) + cpuMsOfFamily(assigner.pid), observedMs)
  const percent = (share - rest) * 100
  return [
    {
      what: `CPU with ${paneCount} idle panes and an empty queue, over ${observedMs / 1_000} s: assigner + tmux`,
      measured: `${percent.toFixed(2)} % of a core`,
      target: '≤ 1 %',
      ok: percent <= 1,
    },
  ]
}

/** The share of a core that is used during `ms`. */
async function shareOf(cpuMs: () => number, ms: number): Promise<number> {
  const before = { cpu: cpuMs(), at: performance.now() }
  await sleep(ms)
  return (cpuMs() - before.cpu) / (performance.now() - before.at)
}

/** Returns when it knows all panes. */
async function startAssigner({ dataDir }: { dataDir: string }, socketPath: string) {
  await using database = await openDatabase({ dataDir })
  const program = join(packageRoot, 'dist/workers/assigner.main.js')
  const env = { ...process.env, ...environmentOf(dataDir, socketPath) }
  const child = spawn(process.execPath, [...productFlags(), program], { env, stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await waitFor(
    async () => (await listSessions(database.kysely)).length === paneCount,
    'the assigner to see all panes',
    30_000,
  )
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
