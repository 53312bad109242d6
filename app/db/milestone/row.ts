import type { Selectable } from 'kysely'
import type { Milestone } from '../../core/milestone.ts'
import type { MilestoneRow } from '../schema.ts'

export function toMilestone(row: Selectable<MilestoneRow>): Milestone {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    description: row.description,
    status: row.status,
    targetDate: row.target_date,
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
  }
}
