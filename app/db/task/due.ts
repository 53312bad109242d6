import { sql, type RawBuilder } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { mostRetryDelayMs } from '../../core/task.ts'
import { compileOnce, rawQuery } from '../hot.ts'
import type { Db } from '../schema.ts'

/** What a duty of the task queue has to do now. */
export interface Due {
  /** A task waits no longer for its time. */
  held: boolean
  /** A run's lease has ended. */
  lost: boolean
  /** A lease ends later than anybody could have set it. */
  far: boolean
  /** A worker gives no sign of life. */
  silent: boolean
  /** A schedule's time has come. */
  scheduled: boolean
  /** A task waits for its retry longer than any task does. */
  slept: boolean
  /** A schedule took a turn at a time that has not come yet. */
  ahead: boolean
}

/** A few looks into indexes, so that nothing is written while nothing is due. */
export async function whatIsDue(
  db: Db,
  times: { now: EpochMs; farFrom: EpochMs; silentBefore: EpochMs },
): Promise<Due> {
  const [row] = await look(db, times)
  return {
    held: Boolean(row!.held),
    lost: Boolean(row!.lost),
    far: Boolean(row!.far),
    silent: Boolean(row!.silent),
    scheduled: Boolean(row!.scheduled),
    slept: Boolean(row!.slept),
    ahead: Boolean(row!.ahead),
  }
}

/** Clocks of several dashboards may differ by as much. In ms. */
export const aheadMs = 60_000

/** Of a task whose clock was set back since it began to wait. */
export function waitsTooLong(now: EpochMs): RawBuilder<boolean> {
  const usual = sql.lit(mostRetryDelayMs)
  const most = sql`case when retry_delay_ms > ${usual} then retry_delay_ms else ${usual} end`
  return sql<boolean>`state = 'pending' and hold = 'backoff' and wake_at > cast(${now} as bigint) + ${most}`
}

const look = compileOnce((db, p: { now: EpochMs; farFrom: EpochMs; silentBefore: EpochMs }) =>
  rawQuery<Record<keyof Due, number | boolean>>(
    db,
    sql`select
      exists (select 1 from task_queue where state = 'pending' and hold is not null and wake_at <= ${p.now}) as held,
      exists (select 1 from task_runs where outcome is null and lease_until <= ${p.now}) as lost,
      exists (select 1 from task_runs where outcome is null and lease_until > ${p.farFrom}) as far,
      exists (select 1 from workers where ended_at is null and heartbeat_at < ${p.silentBefore}) as silent,
      exists (select 1 from schedules where paused = 0 and next_at is not null and next_at <= ${p.now}) as scheduled,
      exists (select 1 from task_queue where ${waitsTooLong(p.now)}) as slept,
      exists (select 1 from schedules where paused = 0 and last_at > cast(${p.now} as bigint) + ${sql.lit(aheadMs)}) as ahead`,
  ),
)
