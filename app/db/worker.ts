import type { Selectable } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { RunOutcome, TaskType } from '../core/task.ts'
import type { NewWorker, Worker } from '../core/worker.ts'
import { fromJson, toJson } from './columns.ts'
import { appendEvent } from './events.ts'
import { compileOnce } from './hot.ts'
import type { Db, WorkerRow } from './schema.ts'

/** Each registration is a worker of its own, whatever it calls itself. */
export async function registerWorker(db: Db, worker: NewWorker, now: EpochMs): Promise<Worker> {
  const { name, node, pid, version, concurrency, types, ownTypes, problems } = worker
  const row = await db
    .insertInto('workers')
    .values({
      name,
      node,
      pid,
      version,
      concurrency,
      types: toJson(types),
      own_types: toJson(ownTypes),
      problems: toJson(problems),
      started_at: now,
      heartbeat_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const data = { name, node, types, ...(problems.length > 0 && { problems }) }
  appendEvent(db, { at: now, noun: 'worker', nounId: String(row.id), type: 'start', data })
  return toWorker(row)
}

/** A sign of life. Throws `conflict` for a worker that ended, or was taken for dead and forgotten. */
export async function beatWorker(db: Db, id: number, now: EpochMs): Promise<Worker> {
  const row = await db
    .updateTable('workers')
    .set({ heartbeat_at: now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
  if (row) return toWorker(row)
  throw new AppError('conflict', `Worker ${id} is not known, or has ended: register again.`)
}

/** Does nothing for one that has ended already. */
export async function endWorker(db: Db, id: number, how: 'stop' | 'die', now: EpochMs): Promise<void> {
  const row = await db
    .updateTable('workers')
    .set({ ended_at: now })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .returning(['name', 'node'])
    .executeTakeFirst()
  if (row) appendEvent(db, { at: now, noun: 'worker', nounId: String(id), type: how, data: row })
}

/** Says of workers that give no sign of life that they are dead. Their runs are another duty. */
export async function endSilentWorkers(db: Db, before: EpochMs, now: EpochMs): Promise<void> {
  const silent = await db
    .selectFrom('workers')
    .select('id')
    .where('ended_at', 'is', null)
    .where('heartbeat_at', '<', before)
    .execute()
  for (const { id } of silent) await endWorker(db, id, 'die', now)
}

/** Those that work, and those that ended since; who came last comes first. */
export async function listWorkers(db: Db, endedSince: EpochMs): Promise<Worker[]> {
  const rows = await db
    .selectFrom('workers')
    .selectAll()
    .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', endedSince)]))
    .orderBy('ended_at')
    .orderBy('id', 'desc')
    .limit(mostListed)
    .execute()
  return rows.map(toWorker)
}

const mostListed = 500

/** Throws `not_found`. */
export async function getWorker(db: Db, id: number): Promise<Worker> {
  const [row] = await selectWorker(db, { id })
  if (row) return toWorker(row)
  throw new AppError('not_found', `There is no worker ${id}. Register it first: POST /api/workers/register.`)
}

/** Types of handlers that only workers know, each once; of workers that ran within the last day. */
export async function ownTypes(db: Db, now: EpochMs): Promise<TaskType[]> {
  const workers = await listWorkers(db, now - dayMs)
  const types = new Map<string, TaskType>()
  for (const worker of workers.toReversed()) {
    for (const type of worker.types) types.set(type, types.get(type) ?? bareType(type))
    for (const type of worker.ownTypes) types.set(type.type, type)
  }
  return [...types.values()]
}

const dayMs = 86_400_000

function bareType(type: string): TaskType {
  return { type, about: '', schema: null, timeoutMs: 0, maxRetries: 0 }
}

export async function countRun(db: Db, id: number, outcome: RunOutcome): Promise<void> {
  if (outcome === 'completed') await countCompleted(db, { id })
  else if (outcome !== 'released') await countFailed(db, { id })
}

const countCompleted = compileOnce((db, p: { id: number }) =>
  db
    .updateTable('workers')
    .set((eb) => ({ completed: eb('completed', '+', 1) }))
    .where('id', '=', p.id),
)

const countFailed = compileOnce((db, p: { id: number }) =>
  db
    .updateTable('workers')
    .set((eb) => ({ failed: eb('failed', '+', 1) }))
    .where('id', '=', p.id),
)

const selectWorker = compileOnce((db, p: { id: number }) =>
  db.selectFrom('workers').selectAll().where('id', '=', p.id),
)

function toWorker(row: Selectable<WorkerRow>): Worker {
  return {
    id: row.id,
    name: row.name,
    node: row.node,
    pid: row.pid,
    version: row.version,
    concurrency: row.concurrency,
    types: fromJson(row.types),
    ownTypes: fromJson(row.own_types),
    problems: fromJson(row.problems),
    startedAt: row.started_at,
    heartbeatAt: row.heartbeat_at,
    endedAt: row.ended_at,
    completed: row.completed,
    failed: row.failed,
  }
}
