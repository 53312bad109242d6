import { AppError } from '../../core/errors.ts'
import {
  progressById,
  type Milestone,
  type MilestoneId,
  type MilestoneStatus,
  type Progress,
} from '../../core/milestone.ts'
import type { ProjectId } from '../../core/project.ts'
import type { Db } from '../schema.ts'
import { toMilestone } from './row.ts'

export interface MilestoneFilter {
  projectId?: ProjectId
  statuses?: readonly MilestoneStatus[]
}

/** What is due first, first; without a day last. */
export async function listMilestones(
  db: Db,
  { projectId, statuses }: MilestoneFilter,
  slice: { limit: number; offset?: number },
): Promise<Milestone[]> {
  const rows = await db
    .selectFrom('milestones')
    .selectAll()
    .$if(projectId !== undefined, (query) => query.where('project_id', '=', projectId!))
    .$if(statuses !== undefined, (query) => query.where('status', 'in', [...statuses!]))
    .orderBy((eb) => eb.fn.coalesce('target_date', eb.val('9999')))
    .orderBy('id')
    .limit(slice.limit)
    .offset(slice.offset ?? 0)
    .execute()
  return rows.map(toMilestone)
}

/** Throws `not_found`. */
export async function getMilestone(db: Db, id: MilestoneId): Promise<Milestone> {
  const row = await db.selectFrom('milestones').selectAll().where('id', '=', id).executeTakeFirst()
  if (row) return toMilestone(row)
  throw new AppError(
    'not_found',
    `There is no milestone ${id}. The page of its project shows which there are.`,
  )
}

/** How much is done of the work of each milestone. */
export async function progressOfMilestones(
  db: Db,
  ids: readonly MilestoneId[],
): Promise<Map<MilestoneId, Progress>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('work_items')
    .select((eb) => ['milestone_id as of', 'status', eb.fn.countAll<number>().as('count')])
    .where('milestone_id', 'in', [...ids])
    .groupBy(['milestone_id', 'status'])
    .execute()
  return progressById(ids, rows)
}
