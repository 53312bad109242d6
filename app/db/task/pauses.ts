import type { EpochMs } from '../../core/clock.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'

/** Types of which no task is given out; `all` where none of any type is. */
export interface TaskPauses {
  all: boolean
  types: string[]
}

export async function getTaskPauses(db: Db): Promise<TaskPauses> {
  const rows = await db.selectFrom('task_pauses').select('type').orderBy('type').execute()
  const types = rows.map(({ type }) => type)
  return { all: types.includes(''), types: types.filter((type) => type !== '') }
}

/** Gives out no tasks of a type from here on; null: of none. What runs goes on. */
export async function pauseTasks(db: Db, type: string | null, by: string, now: EpochMs): Promise<void> {
  const row = { type: type ?? '', at: now, by_whom: by }
  await db
    .insertInto('task_pauses')
    .values(row)
    .onConflict((conflict) => conflict.column('type').doUpdateSet({ at: now, by_whom: by }))
    .execute()
  appendEvent(db, { at: now, noun: 'task', nounId: '', type: 'pause', data: { of: type } })
}

/** Undoes `pauseTasks` of the same type; null: every pause. */
export async function resumeTasks(db: Db, type: string | null, now: EpochMs): Promise<void> {
  let query = db.deleteFrom('task_pauses')
  if (type !== null) query = query.where('type', '=', type)
  await query.execute()
  appendEvent(db, { at: now, noun: 'task', nounId: '', type: 'resume', data: { of: type } })
}
