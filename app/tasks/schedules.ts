import { Cron } from 'croner'
import type { EpochMs } from '../core/clock.ts'
import { AppError, messageOf } from '../core/errors.ts'
import type { Schedule, ScheduledTask } from '../core/schedule.ts'
import type { Database } from '../db/open.ts'
import {
  dueSchedules,
  getSchedule,
  insertSchedule,
  noteTurn,
  pauseSchedule,
  retimeSchedule,
  schedulesAhead,
  takeTurn,
  updateSchedule,
} from '../db/schedule.ts'
import type { Db } from '../db/schema.ts'
import { listTasks } from '../db/task/read.ts'
import { checkTask, createTask } from './create.ts'

/** What somebody settles; without a time zone it is that of this machine. */
export interface WantedSchedule {
  name: string
  cron: string
  timeZone?: string | null
  task: ScheduledTask
  overlap?: boolean
  createdBy: string
}

/** Throws `invalid` for what is no cron expression, time zone or task, `conflict` when the name is taken. */
export async function createSchedule(db: Db, wanted: WantedSchedule, now: EpochMs): Promise<Schedule> {
  const { name, cron, task, overlap = false, createdBy } = wanted
  const timeZone = wanted.timeZone ?? ownTimeZone()
  const nextAt = someTime({ cron, timeZone }, now)
  await checkTask(db, { ...task, createdBy }, now)
  return insertSchedule(db, { name, cron, timeZone, task, overlap, nextAt, createdBy }, now)
}

/** What is not given stays. It comes next by its new times. Throws as `createSchedule`, and `not_found`. */
export async function changeSchedule(
  db: Db,
  id: number,
  change: Partial<Omit<WantedSchedule, 'createdBy'>> & { version?: number },
  now: EpochMs,
): Promise<Schedule> {
  const known = await getSchedule(db, id)
  const { name = known.name, cron = known.cron, task = known.task, overlap = known.overlap } = change
  const timeZone = change.timeZone ?? known.timeZone
  const nextAt = someTime({ cron, timeZone }, now)
  await checkTask(db, { ...task, createdBy: known.createdBy }, now)
  const version = change.version ?? known.version
  return updateSchedule(db, { id, version }, { name, cron, timeZone, task, overlap, nextAt }, now)
}

function someTime(times: Pick<Schedule, 'cron' | 'timeZone'>, now: EpochMs): EpochMs {
  const nextAt = nextTime(times, now)
  if (nextAt === null) throw new AppError('invalid', `"${times.cron}" never comes.`)
  return nextAt
}

/** One that goes on begins with its next time; what was missed is left out. */
export async function setPaused(db: Db, id: number, paused: boolean, now: EpochMs): Promise<Schedule> {
  const schedule = await getSchedule(db, id)
  const nextAt = paused ? schedule.nextAt : nextTime(schedule, now)
  return pauseSchedule(db, id, { paused, nextAt }, now)
}

/** Hands its task in now, besides its times. Returns the task's number. */
export async function runNow(db: Db, id: number, by: string, now: EpochMs): Promise<number> {
  const schedule = await getSchedule(db, id)
  const { task } = await createTask(db, { ...schedule.task, scheduleId: id, createdBy: by }, now)
  await noteTurn(db, schedule, { taskId: task.id }, now)
  return task.id
}

/**
 * Hands in what is due. Times that were missed while nobody looked count as one: after a night without power each
 * schedule comes once, and then at its next time. Each turn is taken by one process alone.
 */
export async function runSchedules(database: Database, now: EpochMs): Promise<void> {
  for (const schedule of await dueSchedules(database.kysely, now)) {
    const { nextAt, note } = nextOrNever(schedule, now)
    await database.write(async (db) => {
      if (!(await takeTurn(db, schedule, { nextAt }, now))) return
      await noteTurn(db, schedule, note === null ? await takeIts(db, schedule, now) : { note }, now)
    })
  }
}

/** A schedule whose times nobody understands any more holds up no other: it ends, and says why. */
function nextOrNever(schedule: Schedule, now: EpochMs): { nextAt: EpochMs | null; note: string | null } {
  try {
    return { nextAt: nextTime(schedule, now), note: null }
  } catch (error) {
    if (error instanceof AppError) return { nextAt: null, note: messageOf(error) }
    throw error
  }
}

/**
 * After the clock was set back: schedules that took a turn by the false time come by the true one again. A turn that
 * was taken already is the same task (its key says which turn).
 */
export async function retimeSchedules(database: Database, now: EpochMs): Promise<void> {
  await database.write(async (db) => {
    for (const schedule of await schedulesAhead(db, now)) {
      await retimeSchedule(db, schedule, nextOrNever(schedule, now).nextAt, now)
    }
  })
}

async function takeIts(
  db: Db,
  schedule: Schedule,
  now: EpochMs,
): Promise<{ taskId: number } | { note: string }> {
  const { id, task, overlap, createdBy } = schedule
  if (!overlap) {
    const states = ['pending', 'running'] as const
    const [last] = await listTasks(db, { scheduleId: id, states }, { limit: 1 })
    if (last) return { note: `task ${last.id}, which it made before, is not over` }
  }
  const key = `schedule:${id}:${schedule.nextAt}`
  try {
    const made = await createTask(db, { ...task, scheduleId: id, createdBy, idempotencyKey: key }, now)
    return { taskId: made.task.id }
  } catch (error) {
    if (error instanceof AppError) return { note: messageOf(error) }
    throw error
  }
}

/** When it comes next, after `now`; null: never. Throws `invalid` for what is no expression or no zone. */
export function nextTime(
  { cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>,
  now: EpochMs,
): EpochMs | null {
  if (!isTimeZone(timeZone))
    throw new AppError('invalid', `There is no time zone "${timeZone}". Say one like Europe/Berlin.`)
  try {
    return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(now))?.getTime() ?? null
  } catch (error) {
    const sentence = `"${cron}" is no cron expression: ${messageOf(error).replace(/^CronPattern: /, '')}`
    throw new AppError('invalid', sentence, { cause: error })
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format()
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
