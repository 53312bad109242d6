import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type Database } from '../../db/open.ts'
import { listSessions } from '../../db/sessions.ts'
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

export async function startCluster(size: { nodes: number; sessions: number }): Promise<Cluster> {
  const ends: (() => PromiseLike<void>)[] = []
  const end = async () => {
    for (const part of ends.toReversed()) await part()
  }
  try {
    return { ...(await start(size, ends)), [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** What has to be ended is added to `ends` as soon as it is there. */
async function start(
  { nodes, sessions }: { nodes: number; sessions: number },
  ends: (() => PromiseLike<void>)[],
) {
  const kept = <Part extends AsyncDisposable>(part: Part): Part => {
    ends.push(() => part[Symbol.asyncDispose]())
    return part
  }
  const product = kept(await buildProduct())
  const tmux = kept(await startTmux())
  const { dataDir } = await makeDataFolder(tmux)
  const env = {
    ...process.env,
    ...environmentOf(dataDir, tmux.socketPath),
    HOST: '127.0.0.1',
    PORT: '0',
    ARCHITECT_PASSWORD: password,
  }
  const program = (name: string, ...args: string[]) =>
    spawn(
      process.execPath,
      [...productFlags(), ...profiling, join(product.folder, `${name}.main.js`), ...args],
      {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
  const dashboard = program('app/dashboard')
  ends.push(() => endOf(dashboard, 'SIGTERM'))
  const instance = await waitFor(async () => {
    const running = runningInstance(dataDir, 'dashboard')
    return running?.address !== undefined && runningInstance(dataDir, 'assigner') !== null && running
  }, 'dashboard and assigner')
  const url = instance.address!.replace(/\/$/, '')
  const database = kept(await openDatabase({ dataDir, readonly: true }))
  const simulator = program('app/cli', 'simulate', '--nodes', String(nodes), '--sessions', String(sessions))
  ends.push(() => endOf(simulator, 'SIGKILL'))
  await waitFor(
    async () => (await listSessions(database.kysely)).length === nodes * sessions,
    'every session of every node',
    joinWithinMs,
  )
  return {
    url,
    admin: await signIn(url),
    database,
    pids: { dashboard: dashboard.pid!, assigner: runningInstance(dataDir, 'assigner')!.pid },
    simulator,
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

function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
