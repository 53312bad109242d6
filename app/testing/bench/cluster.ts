import { setTimeout as sleep } from 'node:timers/promises'
import { attemptsOf } from '../../db/attempts.ts'
import { countNodeStates } from '../../db/node/read.ts'
import { getPrompt } from '../../db/prompts.ts'
import { listSessions } from '../../db/sessions.ts'
import { openChromium } from '../browser/chromium.ts'
import { waitFor } from '../wait-for.ts'
import { cpuMsOf } from './cpu.ts'
import { residentBytes, startCluster, type Cluster } from './cluster-world.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

/** BENCH_CLUSTER_NODES takes fewer for a try. */
const nodes = Number(process.env['BENCH_CLUSTER_NODES'] ?? 1_000)
const sessions = 5
/** What joining costs is over by then, and every node has reported. */
const settleMs = 20_000
const measuredMs = Number(process.env['BENCH_CLUSTER_MS'] ?? 60_000)
const prompts = 120
const betweenPromptsMs = 500
const requests = 60
const pageLoads = 7
/** A lifetime at this many nodes, an interval, and room. */
const offlineWithinMs = nodes <= 100 ? 30_000 : 60_000

const count = nodes.toLocaleString('en')
const cluster = `${count} simulated nodes with ${sessions} sessions each`

/**
 * A whole cluster over real connections, reporting every ten seconds: what it costs dashboard and assigner, how
 * soon a prompt to any session is typed, how long pages take, and when nodes that stopped count as offline.
 */
export async function benchCluster(): Promise<Row[]> {
  await using world = await startCluster({ nodes, sessions })
  await sleep(settleMs)
  return [
    ...(await costRows(world)),
    await promptRow(world),
    ...(await pageRows(world)),
    await browserRow(world),
    await offlineRow(world),
  ]
}

async function costRows({ pids }: Cluster): Promise<Row[]> {
  const before = { dashboard: cpuMsOf(pids.dashboard), assigner: cpuMsOf(pids.assigner) }
  const startedAt = performance.now()
  const memory = { dashboard: 0, assigner: 0 }
  while (performance.now() - startedAt < measuredMs) {
    await sleep(1_000)
    for (const who of ['dashboard', 'assigner'] as const) {
      memory[who] = Math.max(memory[who], residentBytes(pids[who]))
    }
  }
  const tookMs = performance.now() - startedAt
  const percentOf = (who: 'dashboard' | 'assigner') => ((cpuMsOf(pids[who]) - before[who]) / tookMs) * 100
  const [dashboard, assigner] = [percentOf('dashboard'), percentOf('assigner')]
  return [
    {
      what: `${cluster}: CPU of the dashboard, over ${measuredMs / 1000} s`,
      measured: `${dashboard.toFixed(1)} % of a core`,
      target: '≤ 25 %',
      ok: dashboard <= 25,
    },
    {
      what: '…its memory (RSS), the highest',
      measured: megabytes(memory.dashboard),
      target: '≤ 300 MB',
      ok: memory.dashboard <= 300e6,
    },
    {
      what: '…CPU and memory of the assigner',
      measured: `${assigner.toFixed(1)} % of a core, ${megabytes(memory.assigner)}`,
      target: '',
      ok: null,
    },
  ]
}

/** To idle sessions of random nodes; what takes a turn there is no part of it. */
async function promptRow({ admin, database }: Cluster): Promise<Row> {
  const ids: number[] = []
  for (let sent = 0; sent < prompts; sent += 1) {
    const idle = (await listSessions(database.kysely)).filter(({ acceptsPrompt }) => acceptsPrompt)
    const { node, name } = idle[Math.floor(Math.random() * idle.length)]!
    const { body } = await admin.send<{ prompt_id: number }>('POST', '/api/assigner/send', {
      content: `Prompt ${sent} of the bench`,
      target_session: `${node}/${name}`,
    })
    ids.push(body.prompt_id)
    await sleep(betweenPromptsMs)
  }
  // One after the other: questions without a rest would be most of what happens here.
  const delays: number[] = []
  for (const id of ids) delays.push(await untilTyped({ database }, id))
  const [p50, p95] = [percentile(delays, 50), percentile(delays, 95)]
  return {
    what: `…from the commit of a prompt to its text in a session of any node (${prompts} prompts)`,
    measured: `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    target: 'p95 ≤ 1,000 ms',
    ok: p95 <= 1_000,
  }
}

async function untilTyped({ database }: Pick<Cluster, 'database'>, id: number): Promise<number> {
  const typedAt = await waitFor(async () => {
    const attempts = await attemptsOf(database.kysely, id)
    return attempts.find((attempt) => attempt.typedAt !== null)?.typedAt
  }, `prompt ${id} to be typed`)
  return typedAt - (await getPrompt(database.kysely, id)).createdAt
}

async function pageRows(world: Cluster): Promise<Row[]> {
  const name = (turn: number) => `sim-${String(1 + ((turn * 37) % nodes)).padStart(4, '0')}`
  return [
    await timed(world, 'GET /api/nodes, 200 of them', () => '/api/nodes?limit=200'),
    await timed(world, 'The list of nodes', () => '/nodes'),
    await timed(world, "A node's page", (turn) => `/nodes/${name(turn)}`),
    await timed(world, '…the data of its charts', (turn) => `/api/nodes/${name(turn)}/metrics?span=1h`),
  ]
}

async function timed({ admin }: Cluster, what: string, address: (turn: number) => string): Promise<Row> {
  const times: number[] = []
  for (let turn = 0; turn < requests; turn += 1) {
    const at = performance.now()
    const response = await admin.fetch(address(turn), { headers: { Accept: 'text/html' } })
    await response.text()
    if (!response.ok) throw new Error(`${address(turn)} answered ${response.status}`)
    times.push(performance.now() - at)
  }
  const [median, p95] = [percentile(times, 50), percentile(times, 95)]
  return {
    what: `${what}, of ${count} that report`,
    measured: `median ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    target: 'p95 ≤ 200 ms',
    ok: p95 <= 200,
  }
}

/** In a browser that has nothing of it yet, until everything is drawn and live. */
async function browserRow({ url, admin }: Cluster): Promise<Row> {
  await using browser = await openChromium()
  const [name = '', ...value] = admin.cookie.split('=')
  const times: number[] = []
  for (let load = 0; load < pageLoads; load += 1) {
    await using context = await browser.newContext({ baseURL: url })
    await context.addCookies([{ name, value: value.join('='), url }])
    const page = await context.newPage()
    const at = performance.now()
    await page.goto('/nodes')
    await page.locator('#connection[data-state="live"]').waitFor()
    times.push(performance.now() - at)
  }
  const [median, worst] = [percentile(times, 50), Math.max(...times)]
  return {
    what: `The list of ${count} nodes in a browser that has nothing yet, until it is live`,
    measured: `median ${median.toFixed(0)} ms, longest ${worst.toFixed(0)} ms`,
    target: '≤ 1,500 ms',
    ok: median <= 1_500,
  }
}

/** The hardest case: all of them at once, and none says so. */
async function offlineRow({ simulator, database }: Cluster): Promise<Row> {
  simulator.kill('SIGKILL')
  const at = performance.now()
  const allOffline = async () => (await countNodeStates(database.kysely)).offline === nodes
  await waitFor(allOffline, 'all nodes to be offline', 2 * offlineWithinMs)
  const tookMs = performance.now() - at
  return {
    what: `${count} nodes stop at once: until the last of them is offline`,
    measured: `${(tookMs / 1000).toFixed(1)} s`,
    target: `≤ ${offlineWithinMs / 1000} s`,
    ok: tookMs <= offlineWithinMs,
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`
}
