import Sqlite, { type Database as SqliteHandle } from 'better-sqlite3'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordPhase } from '../../db/attempts.ts'
import { claimNextPrompt, type ClaimingSession } from '../../db/claims.ts'
import { openDatabase, type Database } from '../../db/open.ts'
import { advancePrompt, submitPrompt } from '../../db/prompts.ts'
import { settle } from '../../db/settle.ts'
import { sessionRoutes } from '../../db/targets.ts'
import { recordCycle, replayCycles, type RecordedCycle } from './queue-raw.ts'

export interface BenchRow {
  name: string
  value: string
  baseline: string
  ratio: string
}

/** Prompts under way at the same time: so many writes share one fsync, in both. */
export const inFlight = 64
const waitingPrompts = 100_000
/** Short rounds in turn, so that a noisy neighbour meets both. */
const rounds = 30
const cyclesPerRound = inFlight * 4

/**
 * Full prompt cycles through the repository (submit, claim, typed, submitted, finish, each with its events)
 * against the same SQL in the same order in bare better-sqlite3 prepared statements: same file, same
 * `synchronous=FULL`, same 64 per commit, rows fetched but not made into views.
 */
export async function benchCycles(): Promise<BenchRow[]> {
  await using bench = await openBench()
  seed(bench.raw, waitingPrompts)
  const recorded = await recordCycle(bench.raw, (write) => oneCycle(write, Date.now()))
  const ours: number[] = []
  const bare: number[] = []
  await repositoryRound(bench.database)
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await perSecond(() => repositoryRound(bench.database)))
    bare.push(await perSecond(() => rawRound(bench.raw, recorded)))
  }
  return [
    {
      name: `Prompt cycles, ${inFlight} in flight, ${count(waitingPrompts)} waiting`,
      value: `${count(median(ours))}/s`,
      baseline: `${count(median(bare))}/s in bare better-sqlite3`,
      ratio: `${Math.round((median(ours) / median(bare)) * 100)} %`,
    },
  ]
}

/** The time of one claim, without its commit, with more and more prompts waiting. */
export async function benchClaims(): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  let base = 0
  for (const waiting of [10_000, 100_000, 1_000_000]) {
    await using bench = await openBench()
    seed(bench.raw, waiting)
    await claimTimes(bench.database, 200)
    const us = median(await claimTimes(bench.database, 1_000)) * 1_000
    base ||= us
    rows.push({
      name: `Claim, ${count(waiting)} waiting`,
      value: `${us.toFixed(0)} µs`,
      baseline: `${base.toFixed(0)} µs with 10,000`,
      ratio: `${(us / base).toFixed(2)}×`,
    })
  }
  return rows
}

interface Bench extends AsyncDisposable {
  database: Database
  raw: SqliteHandle
  dataDir: string
}

async function openBench(): Promise<Bench> {
  const dataDir = mkdtempSync(join(tmpdir(), 'architect-bench-'))
  const database = await openDatabase({ dataDir })
  await database.write((db) => submitPrompt(db, { content }, 0))
  const raw = new Sqlite(join(dataDir, 'architect.db'))
  raw.pragma('synchronous = FULL')
  raw.pragma('foreign_keys = ON')
  return {
    database,
    raw,
    dataDir,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      raw.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** After the first prompt, which made the target for anyone. A tenth of the prompts is for nobody who claims, as in a queue that has stood for a while. */
function seed(raw: SqliteHandle, prompts: number) {
  raw.exec(`
    insert into targets (key, route, tag) values ('other', 'tag:other', 'other');
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${prompts})
    insert into prompts (state, content, priority, target, target_id, timeout_minutes, max_retries, metadata,
      created_at, enqueued_at, context, agent_command, repeatable)
    select 'pending', hex(zeroblob(250)), i % 11, '{}', case when i % 10 = 0 then 2 else 1 end, 30, 3, '{}',
      i, i, 'any', 0, 0 from n;
    analyze;`)
}

const content = 'x'.repeat(500)

const session: ClaimingSession = {
  sessionKey: 'pi/default/%7',
  sessionName: 'web',
  generation: '100-200/300-400',
  routes: sessionRoutes('pi', ['web', 'web:0.0', '%7']),
  node: 'pi',
  agent: 'claude',
  tier: 'worker',
  tags: ['ui'],
  dir: '/home/me/code/shop',
  allowUntargeted: true,
}

async function oneCycle(write: Database['write'], now: number): Promise<void> {
  await write((db) => submitPrompt(db, { content }, now))
  const claim = await write((db) =>
    claimNextPrompt(db, session, { owner: 'bench', until: now + 30_000 }, now),
  )
  if (!claim) throw new Error('Nothing to claim, although prompts wait.')
  const { prompt, attempt } = claim
  await write((db) => recordPhase(db, attempt, 'typed', { at: now, evidence }))
  await write(async (db) => {
    await recordPhase(db, attempt, 'submitted', { at: now, evidence })
    await advancePrompt(db, prompt.id, 'start', { startedAt: now }, now)
  })
  await write((db) =>
    settle(
      db,
      {
        attempt: {
          ...attempt,
          outcome: 'completed',
          fields: { answer: 'done', tokensIn: 10, tokensOut: 20 },
        },
        prompt: { id: prompt.id, event: 'finish', changes: {} },
      },
      now,
    ),
  )
}

const evidence = [{ source: 'screen' as const, at: 1, says: 'the composer shows the text' }]

async function repositoryRound(database: Database) {
  const write: Database['write'] = (work) => database.write(work)
  const worker = async () => {
    for (let done = 0; done < cyclesPerRound / inFlight; done += 1) await oneCycle(write, Date.now())
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

/** Each of the five steps for 64 prompts in one transaction, as the group commit does it. */
function rawRound(raw: SqliteHandle, recorded: RecordedCycle) {
  for (let done = 0; done < cyclesPerRound; done += inFlight) replayCycles(raw, recorded, inFlight)
}

async function claimTimes(database: Database, claims: number): Promise<number[]> {
  return database.write(async (db) => {
    const times: number[] = []
    for (let i = 0; i < claims; i += 1) {
      const startedAt = performance.now()
      await claimNextPrompt(db, session, { owner: 'bench', until: 1 }, 1)
      times.push(performance.now() - startedAt)
    }
    return times
  })
}

async function perSecond(round: () => Promise<void> | void): Promise<number> {
  const startedAt = performance.now()
  await round()
  return (cyclesPerRound / (performance.now() - startedAt)) * 1_000
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
