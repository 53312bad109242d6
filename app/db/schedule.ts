import type { Selectable } from 'kysely'
import type { EpochMs } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Schedule } from '../core/schedule.ts'
import { fromJson, toFlag, toJson } from './columns.ts'
import { appendEvent } from './events.ts'
import type { Db, ScheduleRow } from './schema.ts'
import { aheadMs } from './task/due.ts'

export type ScheduleChange = Pick<Schedule, 'name' | 'cron' | 'timeZone' | 'task' | 'overlap' | 'nextAt'>

export type NewSchedule = ScheduleChange & Pick<Schedule, 'createdBy'>

/** Throws `conflict` when the name is taken. */
export async function insertSchedule(db: Db, schedule: NewSchedule, now: EpochMs): Promise<Schedule> {
  const { name, cron, createdBy } = schedule
  const row = await db
    .insertInto('schedules')
    .values({ ...columnsOf(schedule), created_by: createdBy, created_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) throw nameTaken(name)
  tell(db, row, 'create', { cron }, now)
  return toSchedule(row)
}

/** What comes next comes first, then those that are paused or over. */
export async function listSchedules(db: Db): Promise<Schedule[]> {
  const rows = await db.selectFrom('schedules').selectAll().orderBy('name').limit(mostListed).execute()
  const time = ({ nextAt, paused }: Schedule) => (paused ? Infinity : (nextAt ?? Infinity))
  return rows.map(toSchedule).sort((one, other) => time(one) - time(other))
}

const mostListed = 1_000

/** Throws `not_found`. */
export async function getSchedule(db: Db, id: number): Promise<Schedule> {
  const row = await db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirst()
  if (row) return toSchedule(row)
  throw new AppError('not_found', `There is no schedule ${id}.`)
}

/** Those whose time has come. */
export async function dueSchedules(db: Db, now: EpochMs): Promise<Schedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .where('paused', '=', 0)
    .where('next_at', '<=', now)
    .orderBy('next_at')
    .limit(100)
    .execute()
  return rows.map(toSchedule)
}

/** Takes one turn of a schedule: true for one process alone, however many look at the same time. */
export async function takeTurn(
  db: Db,
  { id, nextAt }: Pick<Schedule, 'id' | 'nextAt'>,
  after: { nextAt: EpochMs | null },
  now: EpochMs,
): Promise<boolean> {
  const row = await db
    .updateTable('schedules')
    .set({ next_at: after.nextAt, last_at: now })
    .where('id', '=', id)
    .where('next_at', '=', nextAt)
    .where('paused', '=', 0)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

/** Those that took a turn at a time that has not come yet: the clock was set back since. */
export async function schedulesAhead(db: Db, now: EpochMs): Promise<Schedule[]> {
  const rows = await db
    .selectFrom('schedules')
    .selectAll()
    .where('paused', '=', 0)
    .where('last_at', '>', now + aheadMs)
    .execute()
  return rows.map(toSchedule)
}

/** Does nothing where it was changed meanwhile. */
export async function retimeSchedule(
  db: Db,
  { id, version, lastAt }: Schedule,
  nextAt: EpochMs | null,
  now: EpochMs,
): Promise<void> {
  await db
    .updateTable('schedules')
    .set({ next_at: nextAt, last_at: now })
    .where('id', '=', id)
    .where('version', '=', version)
    .where('last_at', '=', lastAt)
    .execute()
}

/** What a turn came to: the task that it made, or why it made none. */
export async function noteTurn(
  db: Db,
  schedule: Schedule,
  came: { taskId: number } | { note: string },
  now: EpochMs,
): Promise<void> {
  const made = 'taskId' in came ? { last_task_id: came.taskId, note: null } : { note: came.note }
  await db.updateTable('schedules').set(made).where('id', '=', schedule.id).execute()
  const data = 'taskId' in came ? { task: came.taskId } : { reason: came.note }
  tell(db, schedule, 'taskId' in came ? 'run' : 'skip', data, now)
}

/** Throws `not_found`. */
export async function pauseSchedule(
  db: Db,
  id: number,
  change: { paused: boolean; nextAt: EpochMs | null },
  now: EpochMs,
): Promise<Schedule> {
  const row = await db
    .updateTable('schedules')
    .set((eb) => ({ paused: toFlag(change.paused), next_at: change.nextAt, version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no schedule ${id}.`)
  tell(db, row, change.paused ? 'pause' : 'resume', {}, now)
  return toSchedule(row)
}

/** Throws `not_found`, and `conflict` when its version is another by now or the name is taken. */
export async function updateSchedule(
  db: Db,
  { id, version }: Pick<Schedule, 'id' | 'version'>,
  change: ScheduleChange,
  now: EpochMs,
): Promise<Schedule> {
  const { name, cron } = change
  const same = db.selectFrom('schedules').select('id').where('name', '=', name).where('id', '<>', id)
  if (await same.executeTakeFirst()) throw nameTaken(name)
  const row = await db
    .updateTable('schedules')
    .set((eb) => ({ ...columnsOf(change), version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
  if (!row) {
    await getSchedule(db, id)
    throw new AppError('conflict', `Schedule ${id} was changed meanwhile. Look at it again.`)
  }
  tell(db, row, 'change', { cron }, now)
  return toSchedule(row)
}

function columnsOf({ name, cron, timeZone, task, overlap, nextAt }: ScheduleChange) {
  return {
    name,
    cron,
    time_zone: timeZone,
    task: toJson(task),
    overlap: toFlag(overlap),
    next_at: nextAt,
  }
}

const nameTaken = (name: string) => new AppError('conflict', `There is a schedule "${name}" already.`)

/** Throws `not_found`. Tasks that it made stay. */
export async function deleteSchedule(db: Db, id: number, now: EpochMs): Promise<void> {
  const row = await db
    .deleteFrom('schedules')
    .where('id', '=', id)
    .returning(['id', 'name'])
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no schedule ${id}.`)
  tell(db, row, 'delete', {}, now)
}

function tell(db: Db, { id, name }: { id: number; name: string }, type: string, data: object, now: EpochMs) {
  appendEvent(db, { at: now, noun: 'schedule', nounId: String(id), type, data: { name, ...data } })
}

function toSchedule(row: Selectable<ScheduleRow>): Schedule {
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    task: fromJson(row.task),
    paused: row.paused === 1,
    overlap: row.overlap === 1,
    nextAt: row.next_at,
    lastAt: row.last_at,
    lastTaskId: row.last_task_id,
    note: row.note,
    createdBy: row.created_by,
    createdAt: row.created_at,
    version: row.version,
  }
}
