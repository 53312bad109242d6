import { loadavg } from 'node:os'
import { benchAgent } from './agent.ts'
import { benchCluster } from './cluster.ts'
import { benchDecide } from './decide.ts'
import { benchDetect } from './detect.ts'
import { benchErrors } from './errors.ts'
import { benchHooks } from './hooks.ts'
import { benchHttp } from './http.ts'
import { benchIdle } from './idle.ts'
import { benchDrawn } from './drawn.ts'
import { benchLive } from './live.ts'
import { benchLooks } from './looks.ts'
import { benchMemory } from './memory.ts'
import { benchNodes } from './nodes.ts'
import { benchQuick } from './quick.ts'
import { benchClaims, benchCycles } from './queue.ts'
import { writeReadme } from './readme.ts'
import { benchRecords } from './records.ts'
import { keepRows, type Part, type Row } from './results.ts'
import { benchScan } from './scan.ts'
import { benchScreens } from './screens.ts'
import { benchTasks } from './tasks.ts'

/** Runs the named benches, or all that need no network; returns the exit code. */
export async function runBenches(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in benches))
  if (unknown.length > 0) {
    console.error(
      `There is no bench called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`,
    )
    return 2
  }
  for (const name of names.length > 0 ? names : unasked) {
    const rows = await benches[name as keyof typeof benches]()
    const told = unhurried.has(name) ? rows : withLoad(rows)
    keepRows(name as Part, told)
    print(told)
  }
  writeReadme()
  return 0
}

const benches = {
  screens: benchScreens,
  looks: benchLooks,
  idle: benchIdle,
  detect: benchDetect,
  memory: benchMemory,
  quick: benchQuick,
  queue: benchQueue,
  http: benchHttp,
  live: benchLive,
  drawn: benchDrawn,
  hooks: benchHooks,
  decide: benchDecide,
  nodes: benchNodes,
  cluster: benchCluster,
  agent: benchAgent,
  errors: benchErrors,
  records: benchRecords,
  scan: benchScan,
  tasks: benchTasks,
} satisfies Partial<Record<Part, () => Promise<Row[]>>>

/** `quick` installs a real agent from npm, `agent` needs programs of Debian: only when they are asked for. */
const unasked = Object.keys(benches).filter((name) => name !== 'quick' && name !== 'agent')

/** What takes no time into account is the same beside other programs. */
const unhurried = new Set<string>(['screens', 'memory'] satisfies Part[])

/** Other programs blur what is measured: above a load average of 1, their load stands in the row. */
function withLoad(rows: Row[]): Row[] {
  const load = loadavg()[0]!
  if (load <= 1) return rows
  return rows.map((row) => ({ ...row, measured: `${row.measured}, at load average ${load.toFixed(1)}` }))
}

function print(rows: Row[]) {
  for (const { what, measured, target, ok } of rows) {
    console.log(`${ok === false ? '✗' : ' '} ${what}: ${measured}${target && `  (target ${target})`}`)
  }
}

async function benchQueue(): Promise<Row[]> {
  const cycles = (await benchCycles()).map((row) => ({
    ...row,
    target: '≥ 40 %',
    limit: parseFloat(row.ratio) >= 40,
  }))
  const claims = (await benchClaims()).map((row) => ({ ...row, target: '', limit: null }))
  return [...cycles, ...claims].map(({ name, value, baseline, ratio, target, limit }) => ({
    what: name,
    measured: `${value}; ${baseline} (${ratio})`,
    target,
    ok: limit,
  }))
}
