import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { HumanTask, HumanTaskId, HumanTaskState } from '../../core/human-task.ts'
import type { Db } from '../schema.ts'
import { toHumanTask } from './row.ts'

export interface HumanTaskFilter {
  states?: readonly HumanTaskState[]
  session?: string
  limit: number
  /** Only older ones than this. */
  before?: HumanTaskId
}

/** The newest first. */
export async function listHumanTasks(db: Db, filter: HumanTaskFilter): Promise<HumanTask[]> {
  const { states, session, limit, before } = filter
  let query = db.selectFrom('human_tasks').selectAll().orderBy('id', 'desc').limit(limit)
  if (states) query = query.where('state', 'in', [...states])
  if (session !== undefined) query = query.where('session', '=', session)
  if (before !== undefined) query = query.where('id', '<', before)
  return (await query.execute()).map(toHumanTask)
}

/** Throws `not_found`. */
export async function getHumanTask(db: Db, id: HumanTaskId): Promise<HumanTask> {
  const row = await db.selectFrom('human_tasks').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row)
    throw new AppError('not_found', `There is no question ${id}. See which there are: questions list.`)
  return toHumanTask(row)
}

export async function countOpenHumanTasks(db: Db, session?: { node: string; name: string }): Promise<number> {
  let query = db
    .selectFrom('human_tasks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', '=', 'open')
  if (session) query = query.where('node', '=', session.node).where('session', '=', session.name)
  return (await query.executeTakeFirstOrThrow()).count
}

/** Open ones whose time is over. */
export async function overdueHumanTasks(db: Db, now: EpochMs): Promise<HumanTask[]> {
  const rows = await db
    .selectFrom('human_tasks')
    .selectAll()
    .where('state', '=', 'open')
    .where('due_at', '<=', now)
    .limit(100)
    .execute()
  return rows.map(toHumanTask)
}
