import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { ProcessTable } from '../../agents/process-table.ts'
import { listSessions } from '../../db/sessions.ts'
import { runningInstance } from '../../single-instance.ts'
import { scriptedRules } from '../scripted-agent/scripted-agent.ts'
import { startTmux } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { beginDashboard, endingTogether, endOf } from './cluster-world.ts'
import { cpuMsOfFamily } from './cpu.ts'
import { nodeAgentFlags } from './product-flags.ts'
import { openPanes } from './panes.ts'
import type { Row } from './results.ts'

const sessions = 10
const settleMs = 30_000
/** BENCH_AGENT_MS shortens it for a try. */
const measuredMs = Number(process.env['BENCH_AGENT_MS'] ?? 60_000)
/** As often as a node reports. */
const lookEveryMs = 10_000
const name = 'bench-node'

/**
 * What a node agent costs its machine while ten agents rest, beside two programs that measure a machine and do
 * nothing else, in the same minute.
 */
export async function benchAgent(): Promise<Row[]> {
  requirePrograms('prometheus-node-exporter', 'glances')
  await using world = await endingTogether(async (ends) => {
    const dashboard = await beginDashboard(ends)
    const tmux = await startTmux()
    ends.push(() => tmux[Symbol.asyncDispose]())
    await openPanes(tmux, 'idle', sessions)
    const { body } = await dashboard.admin.send<{ token: string }>('POST', '/api/nodes/invitations', {
      url: dashboard.url,
    })
    const dataDir = join(tmux.folder, 'node-data')
    await mkdir(join(dataDir, 'agents'), { recursive: true })
    await copyFile(scriptedRules, join(dataDir, 'agents/scripted.yaml'))
    const env = { ARCHITECT_DATA: dataDir, ARCHITECT_TMUX_SOCKET: tmux.socketPath, NODE_ENV: 'production' }
    const joined = dashboard.program(
      'app/cli',
      ['node-agent', '--token', body.token, '--name', name, '--daemon'],
      env,
      nodeAgentFlags(),
    )
    await new Promise((resolve) => joined.once('exit', resolve))
    const agent = await agentIn(dataDir)
    ends.push(async () => {
      const stopping = dashboard.program('app/cli', ['node-agent', '--stop'], env)
      await new Promise((resolve) => stopping.once('exit', resolve))
    })
    const others = await startOthers()
    ends.push(
      () => endOf(others.exporter, 'SIGTERM'),
      () => endOf(others.glances, 'SIGTERM'),
    )
    const known = () => listSessions(dashboard.database.kysely, { node: name })
    await waitFor(async () => (await known()).length === sessions, 'the sessions of the node')
    const pids = { agent, exporter: others.exporter.pid!, glances: others.glances.pid! }
    return { pids, figuresAt: others.figuresAt }
  })
  await sleep(settleMs)
  // Awaited here: what is measured ends with this function.
  return await measure(world.pids, world.figuresAt)
}

function requirePrograms(...programs: string[]) {
  const missing = programs.filter((program) => {
    try {
      execFileSync('which', [program], { stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
  if (missing.length > 0) {
    throw new Error(`Install what it is measured beside: sudo apt-get install -y ${missing.join(' ')}`)
  }
}

async function agentIn(dataDir: string): Promise<number> {
  return waitFor(async () => runningInstance(dataDir, 'node-agent')?.pid, 'the node agent')
}

async function startOthers() {
  const port = await freePort()
  const exporter = spawn(
    'prometheus-node-exporter',
    [`--web.listen-address=127.0.0.1:${port}`, '--log.level=error'],
    { stdio: 'ignore' },
  )
  const everySeconds = String(lookEveryMs / 1_000)
  const figures = 'cpu.total,mem.percent,load.min1'
  const glances = spawn('glances', ['--stdout', figures, '--time', everySeconds], { stdio: 'ignore' })
  const figuresAt = `http://127.0.0.1:${port}/metrics`
  await waitFor(() => textAt(figuresAt).catch(() => null), 'prometheus-node-exporter')
  return { exporter, glances, figuresAt }
}

/** Over a connection of its own, as a scraper that comes every ten seconds. */
async function textAt(url: string): Promise<string> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage]
  return text(response)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

interface Measured {
  agent: number
  exporter: number
  glances: number
}

/** Resident memory in bytes; `own`: the part that is in no file, which no other process shares. */
interface Resident {
  all: number
  own: number
}

function residentOf(pid: number): Resident {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const bytes = (what: string) => Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
  return { all: bytes('VmRSS'), own: bytes('RssAnon') }
}

function inWords({ all, own }: Resident): string {
  const inMegabytes = (bytes: number) => (bytes / 1e6).toFixed(0)
  return `${inMegabytes(all)} MB (${inMegabytes(own)} MB of it its own, the rest mapped files)`
}

/** What no program on Node can go below. */
async function bareNode(): Promise<Resident> {
  const idle = spawn(process.execPath, [...nodeAgentFlags(), '-e', 'setInterval(() => {}, 1e6)'], {
    stdio: 'ignore',
  })
  await sleep(3_000)
  const resident = residentOf(idle.pid!)
  await endOf(idle, 'SIGTERM')
  return resident
}

async function measure(pids: Measured, figuresAt: string): Promise<Row[]> {
  const who = ['agent', 'exporter', 'glances'] as const
  const before = who.map((one) => cpuMsOfFamily(pids[one]))
  const highest = who.map((one) => residentOf(pids[one]))
  const startedAt = performance.now()
  for (let looks = 0; performance.now() - startedAt < measuredMs; looks += 1) {
    if (looks % (lookEveryMs / 1_000) === 0) await textAt(figuresAt)
    await sleep(1_000)
    for (const [index, one] of who.entries()) {
      const now = residentOf(pids[one])
      if (now.all > highest[index]!.all) highest[index] = now
    }
  }
  const tookMs = performance.now() - startedAt
  const cpu = who.map((one, index) => ((cpuMsOfFamily(pids[one]) - before[index]!) / tookMs) * 100)
  const table = new ProcessTable()
  const children = table.children(pids.agent).filter((pid) => table.entry(pid)?.name === 'node').length
  const about = (index: number) => `${inWords(highest[index]!)}, ${cpu[index]!.toFixed(2)} % of a core`
  const bare = await bareNode()
  return [
    {
      what: `A node agent with ${sessions} agents at rest, over ${measuredMs / 1_000} s: memory (RSS), the highest`,
      measured: inWords(highest[0]!),
      target: '≤ 60 MB',
      ok: highest[0]!.all <= 60e6,
    },
    {
      what: '…CPU',
      measured: `${cpu[0]!.toFixed(2)} % of a core`,
      target: '≤ 0.3 %',
      ok: cpu[0]! <= 0.3,
    },
    {
      what: '…other processes of Node on its machine',
      measured: children,
      target: '0',
      ok: children === 0,
    },
    {
      what: '…a Node that does nothing, with the same flags',
      measured: inWords(bare),
      target: '',
      ok: null,
    },
    { what: '…prometheus-node-exporter beside it, asked as often', measured: about(1), target: '', ok: null },
    { what: '…glances beside it, looking as often', measured: about(2), target: '', ok: null },
  ]
}
