import { setTimeout as sleep } from 'node:timers/promises'
import type { MetricSample } from '../../core/metric-sample.ts'
import { noFacts, type NodeId } from '../../core/node.ts'
import { addNode } from '../../db/node/write.ts'
import { saveSession } from '../../db/sessions.ts'
import { noteHeartbeat } from '../../nodes/hearing.ts'
import { MetricReader } from '../../../distributed/metrics/read.ts'
import { startDashboard, type Client, type TestDashboard } from '../dashboard.ts'
import { storedSession } from '../stored-session.ts'
import { startTmux } from '../tmux.ts'
import { openPanes } from './panes.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

const nodeCount = 1_000
const sessionsPerNode = 5
const reportEveryMs = 10_000
const measuredMs = 30_000
const requests = 60
const measuredPanes = 10
const looks = 100

/**
 * 1,000 nodes that report every ten seconds, each with five sessions: what their figures cost the dashboard without
 * the connections they come by, how long the list and a node's page take meanwhile; and one look of the reader.
 */
export async function benchNodes(): Promise<Row[]> {
  return [...(await benchCluster()), await benchReader()]
}

async function benchCluster(): Promise<Row[]> {
  await using dashboard = await startDashboard()
  const ids = await addNodes(dashboard)
  for (const [index, id] of ids.entries())
    await noteHeartbeat(dashboard.web.nodes, id, { samples: pastOf(index) })
  const over = new AbortController()
  const reporting = report(dashboard, ids, over.signal)
  await sleep(reportEveryMs)
  const cpuPercent = await cpuOver(measuredMs)
  const admin = await dashboard.signIn('admin')
  const list = await timesOf(admin, () => '/nodes')
  const page = await timesOf(admin, (turn) => `/nodes/node-${(turn * 37) % nodeCount}`)
  const api = await timesOf(admin, (turn) => `/api/nodes?limit=200&cursor=${1 + turn * 10}`)
  const chart = await timesOf(admin, (turn) => `/api/nodes/${ids[turn * 7]}/metrics?span=1h`)
  over.abort()
  await reporting
  const timed = (what: string, times: number[]): Row => {
    const [median, p95] = [percentile(times, 50), percentile(times, 95)]
    const measured = `median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`
    return { what, measured, target: 'p95 ≤ 200 ms', ok: p95 <= 200 }
  }
  return [
    {
      what: `Figures of ${nodeCount.toLocaleString('en')} nodes with ${sessionsPerNode} sessions each, every 10 s: CPU of the dashboard, without their connections`,
      measured: `${cpuPercent.toFixed(1)} % of a core`,
      target: '≤ 25 %',
      ok: cpuPercent <= 25,
    },
    timed('The list of nodes, of 1,000', list),
    timed("A node's page, of 1,000", page),
    timed('…the data of its charts', chart),
    timed('GET /api/nodes, 200 of 1,000', api),
  ]
}

async function addNodes({ web }: TestDashboard): Promise<NodeId[]> {
  const now = Date.now()
  const facts = { ...noFacts, model: 'Raspberry Pi 4 Model B Rev 1.4', addresses: ['10.0.0.1'], cpus: 4 }
  return web.database.write(async (db) => {
    const ids: NodeId[] = []
    for (let index = 0; index < nodeCount; index += 1) {
      const name = `node-${index}`
      ids.push((await addNode(db, { name, kind: 'agent', tags: ['pi'], facts }, now)).id)
      for (let pane = 0; pane < sessionsPerNode; pane += 1) {
        const key = `${name}/default/%${pane}`
        await saveSession(db, storedSession({ key, node: name, name: `dev_${pane}`, paneId: `%${pane}` }))
      }
    }
    return ids
  })
}

/** The last hour, a sample each minute. */
function pastOf(index: number): MetricSample[] {
  return Array.from({ length: 60 }, (_, minute) => sampleOf(index + minute, (60 - minute) * 60_000))
}

/** All of them, evenly over each ten seconds. */
async function report({ web }: TestDashboard, ids: readonly NodeId[], signal: AbortSignal) {
  const tickMs = 100
  const perTick = Math.ceil((ids.length * tickMs) / reportEveryMs)
  for (let next = 0; !signal.aborted; next = (next + perTick) % ids.length) {
    const due = ids.slice(next, next + perTick)
    for (const id of due) await noteHeartbeat(web.nodes, id, { samples: [sampleOf(id, 0)] })
    await sleep(tickMs, undefined, { signal }).catch(() => undefined) // aborted: the loop ends
  }
}

function sampleOf(seed: number, age: number): MetricSample {
  return {
    at: Date.now() - age,
    age,
    cpu: (seed * 7) % 60,
    load: [0.4, 0.3, 0.2],
    mem: [((seed * 3) % 80) * 1e7, 4e9],
    swap: [0, 1e8],
    disks: [['/', 1e10, 3e10]],
    net: [2_000, 800],
    temp: 40 + (seed % 30),
    up: 100_000,
    tmux: [0.1, 5e6],
    agent: [0.1, 5e7],
    sessions: Array.from({ length: sessionsPerNode }, (_, pane) => [`default/%${pane}`, 1.5, 2e8]),
    pi: 0,
  }
}

async function cpuOver(ms: number): Promise<number> {
  const [before, at] = [process.cpuUsage(), performance.now()]
  await sleep(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / (performance.now() - at)
}

async function timesOf(client: Client, address: (turn: number) => string): Promise<number[]> {
  const times: number[] = []
  for (let turn = 0; turn < requests; turn += 1) {
    const at = performance.now()
    const response = await client.fetch(address(turn), { headers: { Accept: 'text/html' } })
    await response.text()
    if (!response.ok) throw new Error(`${address(turn)} answered ${response.status}`)
    times.push(performance.now() - at)
  }
  return times
}

async function benchReader(): Promise<Row> {
  await using server = await startTmux()
  await openPanes(server, 'idle', measuredPanes)
  const pids = (await server.run('list-panes', '-a', '-F', '#{pane_id} #{pane_pid}')).trim().split('\n')
  const sessions = pids.map((line) => ({ key: line.split(' ')[0]!, pid: Number(line.split(' ')[1]) }))
  const reader = new MetricReader()
  for (let warm = 0; warm < 20; warm += 1) await reader.read(sessions)
  const before = process.cpuUsage()
  for (let look = 0; look < looks; look += 1) await reader.read(sessions)
  const { user, system } = process.cpuUsage(before)
  const ms = (user + system) / 1000 / looks
  return {
    what: `One look at a machine with ${sessions.length} sessions, of every 10 s: CPU`,
    measured: `${ms.toFixed(2)} ms (${((ms / reportEveryMs) * 100).toFixed(3)} % of a core)`,
    target: '≤ 0.1 % of a core',
    ok: ms / reportEveryMs <= 0.001,
  }
}
