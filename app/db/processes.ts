import type { Selectable } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import { appendEvent } from './events.ts'
import type { Db, ProcessRow } from './schema.ts'

/** A process of Architect that runs, or ran until its last heartbeat. */
export interface RunningProcess {
  /** New with every start. */
  id: string
  /** `assigner`, `dashboard`, … */
  kind: string
  pid: number
  host: string
  version: string
  /** Where it can be reached, when it listens. */
  address: string | null
  startedAt: EpochMs
  heartbeatAt: EpochMs
}

export async function registerProcess(db: Db, process: Omit<RunningProcess, 'heartbeatAt'>): Promise<void> {
  const { startedAt, id, kind, pid, host, version, address } = process
  await db
    .insertInto('processes')
    .values({ id, kind, pid, host, version, address, started_at: startedAt, heartbeat_at: startedAt })
    .execute()
  const data = { kind, pid, host, version }
  appendEvent(db, { at: startedAt, noun: 'assigner', nounId: id, type: 'start', data })
}

/** false: somebody removed this process from the list, it has to register again. */
export async function heartbeat(db: Db, id: string, now: EpochMs): Promise<boolean> {
  const row = await db
    .updateTable('processes')
    .set({ heartbeat_at: now })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Of one kind when asked for; the one that started last comes first. */
export async function listProcesses(db: Db, kind?: string): Promise<RunningProcess[]> {
  let query = db.selectFrom('processes').selectAll().orderBy('started_at', 'desc').orderBy('id')
  if (kind !== undefined) query = query.where('kind', '=', kind)
  return (await query.execute()).map(toProcess)
}

export async function endProcess(db: Db, id: string, now: EpochMs): Promise<void> {
  const row = await db.deleteFrom('processes').where('id', '=', id).returning('kind').executeTakeFirst()
  if (!row) return
  appendEvent(db, { at: now, noun: 'assigner', nounId: id, type: 'stop', data: { kind: row.kind } })
}

function toProcess({ started_at, heartbeat_at, ...rest }: Selectable<ProcessRow>): RunningProcess {
  return { ...rest, startedAt: started_at, heartbeatAt: heartbeat_at }
}
