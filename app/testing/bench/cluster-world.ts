import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, type Database } from '../../db/open.ts'
import { countSessions } from '../../db/sessions.ts'
import { runningInstance } from '../../single-instance.ts'
import { environmentOf, makeDataFolder } from '../broker.ts'
import { clientOf, cookieOf, type Client } from '../dashboard.ts'
import { buildProduct } from '../product.ts'
import { startTmux } from '../tmux.ts'
import { waitFor } from '../wait-for.ts'
import { productFlags } from './product-flags.ts'

/** A dashboard with its assigner, as users run them, and a simulator, each in a process of its own. */
export interface Cluster extends AsyncDisposable {
  url: string
  /** An administrator in a browser. */
  admin: Client
  database: Database
  pids: { dashboard: number; assigner: number }
  /** Killed, its nodes stop, and none of them says so. */
  simulator: ChildProcess
}

const password = 'a password of benches'
/** BENCH_CLUSTER_PROFILE names a folder for a CPU profile of each process. */
const folder = process.env['BENCH_CLUSTER_PROFILE']
const profiling = folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`]
const joinWithinMs = 180_000

/** What has to be ended at last, in the order in which it began. */
type Ends = (() => PromiseLike<void>)[]

export async function startCluster({
  nodes,
  sessions,
}: {
  nodes: number
  sessions: number
}): Promise<Cluster> {
  return endingTogether(async (ends) => {
    const world = await beginDashboard(ends)
    const simulator = world.program(
      'app/cli',
      ['simulate', '--nodes', String(nodes), '--sessions', String(sessions)],
      {},
      [],
    )
    ends.push(() => endOf(simulator, 'SIGKILL'))
    const { database } = world
    await waitFor(
      async () => {
        // Asked without a rest it would be most of what happens here.
        await sleep(1_000)
        const states = Object.values(await countSessions(database.kysely))
        return states.reduce((sum, count) => sum + count, 0) === nodes * sessions
      },
      'every session of every node',
      joinWithinMs,
    )
    return { ...world, simulator }
  })
}

/** The programs of the product, as they are on a user's disk. */
export interface StartedDashboard extends Omit<Cluster, 'simulator' | typeof Symbol.asyncDispose> {
  /** Starts one of them; `env` beside that of the dashboard. */
  program(name: string, args: string[], env?: NodeJS.ProcessEnv, flags?: string[]): ChildProcess
}

/** A dashboard alone, which ends with `ends`. */
export async function beginDashboard(ends: Ends): Promise<StartedDashboard> {
  const kept = <Part extends AsyncDisposable>(part: Part): Part => {
    ends.push(() => part[Symbol.asyncDispose]())
    return part
  }
  const product = kept(await buildProduct())
  const tmux = kept(await startTmux())
  const { dataDir } = await makeDataFolder(tmux)
  const own = {
    ...process.env,
    ...environmentOf(dataDir, tmux.socketPath),
    HOST: '127.0.0.1',
    PORT: '0',
    ARCHITECT_PASSWORD: password,
  }
  const program = (name: string, args: string[], env: NodeJS.ProcessEnv = {}, flags = productFlags()) =>
    spawn(process.execPath, [...flags, ...profiling, join(product.folder, `${name}.main.js`), ...args], {
      env: { ...own, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const dashboard = program('app/dashboard', [])
  ends.push(() => endOf(dashboard, 'SIGTERM'))
  const address = await waitFor(
    async () => runningInstance(dataDir, 'assigner') && runningInstance(dataDir, 'dashboard')?.address,
    'dashboard and assigner',
  )
  const url = address.replace(/\/$/, '')
  return {
    url,
    admin: await signIn(url),
    database: kept(await openDatabase({ dataDir, readonly: true })),
    pids: { dashboard: dashboard.pid!, assigner: runningInstance(dataDir, 'assigner')!.pid },
    program,
  }
}

/** What began before something failed is ended as well. */
export async function endingTogether<Parts>(
  begin: (ends: Ends) => Promise<Parts>,
): Promise<Parts & AsyncDisposable> {
  const ends: Ends = []
  const end = async () => {
    for (const part of ends.toReversed()) await part()
  }
  try {
    return { ...(await begin(ends)), [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

async function signIn(url: string): Promise<Client> {
  const response = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'architect', password }),
  })
  if (!response.ok) throw new Error(`The login failed: ${await response.text()}`)
  return clientOf(url, { Cookie: cookieOf(response), Origin: url })
}

export function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
