import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildProgram } from '../chaos/build.ts'
import { scriptedRules } from '../scripted-agent/scripted-agent.ts'
import type { Day, DayPlan } from './day/day.ts'
import { productFlags } from './product-flags.ts'
import type { Row } from './results.ts'

const run = promisify(execFile)

/** BENCH_MEMORY_HOURS shortens the day for a try. */
const hours = Number(process.env['BENCH_MEMORY_HOURS'] ?? 24)
const panes = 40
/** On average: a prompt for each pane within minutes, then quiet, so that the day passes in minutes. */
const roundEveryMs = 30 * 60_000
const limitMb = 120

/**
 * The assigner as esbuild bundles it, in a `node` process as `./deploy.sh` starts it, over a simulated day of
 * work. The sessions and the clock are simulated; broker, queue, database, retention and logs are the product's.
 */
export async function benchMemory(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'architect-day-'))
  try {
    const day = await liveADay(folder)
    return rowsOf(day)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function liveADay(folder: string): Promise<Day> {
  const checkout = join(folder, 'checkout')
  await mkdir(join(folder, 'agents'))
  await copyFile(scriptedRules, join(folder, 'agents/scripted.yaml'))
  await run('git', ['init', '--quiet', checkout])
  const plan: DayPlan = { hours, panes, roundEveryMs, dirs: ['/', '/', '/', checkout] }
  await using program = await buildProgram('app/testing/bench/day/day.main.ts')
  const env = { ...process.env, NODE_OPTIONS: '', ARCHITECT_DATA: folder, ARCHITECT_NODE: 'bench' }
  const args = [...productFlags(), program.path, JSON.stringify(plan)]
  const { stdout } = await run(process.execPath, args, { env })
  return JSON.parse(stdout) as Day
}

function rowsOf({ memory, peakRssBytes, sent, states }: Day): Row[] {
  const peak = megabytes(peakRssBytes)
  const [early, late] = [memory.at(2) ?? memory.at(-1)!, memory.at(-1)!]
  const change = (before: number, after: number) => `${megabytes(before)} → ${megabytes(after)} MB`
  return [
    {
      what: `Memory (RSS) of the assigner over ${hours} simulated hours, ${panes} panes, ${sent} prompts: the highest`,
      measured: `${peak} MB`,
      target: `< ${limitMb} MB`,
      ok: peak < limitMb,
    },
    {
      what: `…from hour 2 to hour ${hours}`,
      measured: `RSS ${change(early.rssBytes, late.rssBytes)}, heap ${change(early.heapUsedBytes, late.heapUsedBytes)}`,
      target: '',
      ok: null,
    },
    {
      what: '…and how its prompts stand at the end',
      measured: Object.entries(states)
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${count} ${state}`)
        .join(', '),
      target: '',
      ok: null,
    },
  ]
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
