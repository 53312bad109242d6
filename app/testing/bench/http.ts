import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCliWorld } from '../e2e/cli.ts'
import { shareProduct } from '../product.ts'
import { forkServer } from './fork-server.ts'
import { answerTimes, getRequest, requestsPerSecond } from './http-load.ts'
import type { Served } from './http-servers.ts'
import { percentile } from './percentile.ts'
import type { Row } from './results.ts'

/** Short rounds in turn, so that a noisy neighbour meets both. */
const rounds = 12
const roundMs = 700
const warmUpMs = 4_000
const asked = 200

/** The dashboard's answers with 10,000 prompts and 200 sessions, each server in a process of its own. */
export async function benchHttp(): Promise<Row[]> {
  await using dashboard = await forkServer('http-server', [])
  const authorization = { Authorization: dashboard.authorization }
  const status = getRequest('/api/assigner/status', authorization)
  const json = await bodyOf(dashboard, '/api/assigner/status')
  await using bare = await forkServer('http-server', [json])
  const ours: number[] = []
  const theirs: number[] = []
  const bareRequest = getRequest('/api/assigner/status', {})
  // Until Node has compiled what is called so often.
  for (const [{ port }, request] of [
    [dashboard, status],
    [bare, bareRequest],
  ] as const) {
    await requestsPerSecond(port, request, warmUpMs)
  }
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await requestsPerSecond(dashboard.port, status, roundMs))
    theirs.push(await requestsPerSecond(bare.port, bareRequest, roundMs))
  }
  const share = (100 * percentile(ours, 50)) / percentile(theirs, 50)
  const rate = `${count(percentile(ours, 50))}/s with a token; ${count(percentile(theirs, 50))}/s bare`
  return [
    {
      what: 'GET /api/assigner/status against a bare Express route with the same JSON',
      measured: `${share.toFixed(0)} % (${rate})`,
      target: '≥ 50 %',
      ok: share >= 50,
    },
    await timed(
      'GET /api/prompts, 10,000 prompts',
      dashboard.port,
      getRequest('/api/prompts', authorization),
    ),
    await timed(
      'Overview, 10,000 prompts and 200 sessions',
      dashboard.port,
      getRequest('/', { Cookie: dashboard.cookie }),
    ),
    await idleMemory(),
  ]
}

/** What is loaded is there after this; in ms. */
const settledAfterMs = 5_000

/** The program as users run it, compiled; without the assigner that it starts. */
async function idleMemory(): Promise<Row> {
  await using _product = await shareProduct()
  await using world = await openCliWorld()
  const { pid, stdout } = world.start([])
  await new Promise<void>((resolve) => {
    stdout.on('data', (text: Buffer) => text.includes('The dashboard is at') && resolve())
  })
  await sleep(settledAfterMs)
  const bytes = residentBytes(pid!)
  return {
    what: 'Memory of the dashboard, idle',
    measured: `${(bytes / 1e6).toFixed(0)} MB`,
    target: '≤ 150 MB',
    ok: bytes <= 150e6,
  }
}

async function timed(what: string, port: number, request: string): Promise<Row> {
  await answerTimes(port, request, 20)
  const times = await answerTimes(port, request, asked)
  const [median, late] = [percentile(times, 50), percentile(times, 95)]
  return {
    what,
    measured: `median ${median.toFixed(1)} ms, p95 ${late.toFixed(1)} ms`,
    target: '≤ 50 ms, p95 ≤ 3 × median',
    ok: median <= 50 && late <= 3 * median,
  }
}

async function bodyOf({ port, authorization }: Served, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } })
  return response.text()
}

/** With the pages that it shares with other processes, as `top` shows it. */
function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(kilobytes?.[1] ?? Number.NaN) * 1024
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
