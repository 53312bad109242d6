import type { EpochMs } from './clock.ts'
import type { NewTask } from './task.ts'

/** What a schedule hands in each time. */
export type ScheduledTask = Omit<NewTask, 'createdBy' | 'scheduleId' | 'idempotencyKey' | 'notBefore'>

/** A task that comes again and again, by the clock of a time zone. */
export interface Schedule {
  id: number
  name: string
  /** Five or six fields: minute, hour, day, month, weekday; seconds before them where there are six. */
  cron: string
  /** IANA name: `Europe/Berlin`. */
  timeZone: string
  task: ScheduledTask
  paused: boolean
  /** A task may begin while the one before has not ended; otherwise that turn is left out. */
  overlap: boolean
  /** null: it never comes again. */
  nextAt: EpochMs | null
  lastAt: EpochMs | null
  lastTaskId: number | null
  note: string | null
  createdBy: string
  createdAt: EpochMs
  version: number
}
