import Sqlite, { type Database as SqliteHandle } from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database } from '../../db/open.ts'
import { claimNextTask } from '../../db/task/claim.ts'
import { completeRun } from '../../db/task/run.ts'
import { submitTask } from '../../db/task/submit.ts'
import { registerWorker } from '../../db/worker.ts'
import { startDashboard } from '../dashboard.ts'
import { percentile } from './percentile.ts'
import { recordCycle, replayCycles, type RecordedCycle } from './queue-raw.ts'
import type { Row } from './results.ts'

const inFlight = 64
const rounds = 20
const perRound = inFlight * 4
const listed = 10_000
const looks = 100

/** Claims and completions, and what a long list costs. */
export async function benchTasks(): Promise<Row[]> {
  return [...(await benchClaims()), await benchList()]
}

/**
 * Claim and completion through the repository, durable (`synchronous=FULL`, 64 in flight that share commits),
 * against the same statements, the event's included, straight through better-sqlite3 at NORMAL: each step in a
 * transaction of its own, and 64 in one. Short rounds in turn, so that a noisy neighbour meets all.
 */
async function benchClaims(): Promise<Row[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-bench-tasks-'))
  const database = await openDatabase({ dataDir })
  const raw = new Sqlite(join(dataDir, 'architect.db'))
  raw.pragma('synchronous = NORMAL')
  try {
    await prepare(database, raw)
    const recorded = await recordCycle(raw, oneCycle)
    const rates = { ours: [] as number[], alone: [] as number[], grouped: [] as number[] }
    await repositoryRound(database)
    for (let round = 0; round < rounds; round += 1) {
      rates.ours.push(await perSecond(() => repositoryRound(database)))
      rates.alone.push(await perSecond(() => rawRound(raw, recorded, 1)))
      rates.grouped.push(await perSecond(() => rawRound(raw, recorded, inFlight)))
    }
    const [ours, alone, grouped] = [median(rates.ours), median(rates.alone), median(rates.grouped)]
    const share = Math.round((ours / alone) * 100)
    return [
      {
        what: 'Tasks claimed and completed, 64 in flight',
        measured: `${count(ours)}/s, durable; the same statements in bare better-sqlite3 at NORMAL: ${count(alone)}/s (${share} %), 64 to a commit ${count(grouped)}/s`,
        target: '≥ 60 %',
        ok: share >= 60,
      },
    ]
  } finally {
    raw.close()
    await database[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const worker = {
  id: 1,
  name: 'bench',
  node: 'pi',
  types: ['shell', 'python', 'git', 'deploy', 'test', 'build', 'tmux'],
}

async function prepare(database: Database, raw: SqliteHandle) {
  const { name, node, types } = worker
  const about = { name, node, types, pid: 1, version: '1', concurrency: inFlight, ownTypes: [], problems: [] }
  await database.write((db) => registerWorker(db, about, Date.now()))
  await database.write((db) => submitTask(db, { type: 'shell', data: {}, createdBy: 'bench' }, 1))
  raw.exec(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
    insert into task_queue (state, type, data, priority, node, timeout_ms, max_retries, retry_delay_ms, created_by,
      created_at, enqueued_at)
    select 'pending', 'shell', '{"command":"true"}', i % 11, '', 60000, 3, 1000, 'bench', i, i from n;
    analyze;`)
}

async function oneCycle(write: Database['write']): Promise<void> {
  const now = Date.now()
  const claim = await write((db) => claimNextTask(db, worker, { owner: 'bench', until: now + 30_000 }, now))
  if (!claim) throw new Error('Nothing to claim, although tasks wait.')
  await write((db) => completeRun(db, claim.run, { exitCode: 0, peakMemoryBytes: 1_000_000 }, now))
}

async function repositoryRound(database: Database) {
  const write: Database['write'] = (work) => database.write(work)
  const one = async () => {
    for (let done = 0; done < perRound / inFlight; done += 1) await oneCycle(write)
  }
  await Promise.all(Array.from({ length: inFlight }, one))
}

function rawRound(raw: SqliteHandle, recorded: RecordedCycle, perCommit: number) {
  for (let done = 0; done < perRound; done += perCommit) replayCycles(raw, recorded, perCommit)
}

async function benchList(): Promise<Row> {
  await using dashboard = await startDashboard()
  const { database } = dashboard.web
  for (let made = 0; made < listed; made += 500) {
    await database.write(async (db) => {
      for (let i = 0; i < 500; i += 1) {
        await submitTask(db, { type: 'shell', data: { command: 'make all' }, createdBy: 'bench' }, Date.now())
      }
    })
  }
  const program = await dashboard.token()
  const times: number[] = []
  for (let look = 0; look < looks; look += 1) {
    const startedAt = performance.now()
    await program.get('/api/tasks?limit=200')
    times.push(performance.now() - startedAt)
  }
  const p95 = percentile(times, 95)
  return {
    what: `GET /api/tasks, 200 of ${count(listed)}`,
    measured: `median ${percentile(times, 50).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
    target: 'p95 ≤ 150 ms',
    ok: p95 <= 150,
  }
}

async function perSecond(round: () => Promise<void> | void): Promise<number> {
  const startedAt = performance.now()
  await round()
  return (perRound / (performance.now() - startedAt)) * 1_000
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
