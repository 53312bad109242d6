import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { MilestoneId } from '../../core/milestone.ts'
import type { ProjectId } from '../../core/project.ts'
import { workLimits, type Severity, type WorkItem, type WorkKind } from '../../core/work.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import { getProject } from '../project/read.ts'
import type { Db } from '../schema.ts'
import { getWork } from './read.ts'

export interface WorkWords {
  title: string
  description: string
  milestoneId: MilestoneId | null
  priority: number
  severity: Severity | null
  assignee: string | null
  metadata: Record<string, unknown>
}

export interface NewWork extends WorkWords {
  kind: WorkKind
  projectId: ProjectId
}

/**
 * Throws `not_found` without such a project, `conflict` when that is archived or full, `invalid` when the milestone is
 * another project's.
 */
export async function createWork(db: Db, words: NewWork, by: string, now: EpochMs): Promise<WorkItem> {
  const { kind, projectId, milestoneId } = words
  await requireMilestoneOf(db, projectId, milestoneId)
  const number = await takeNumber(db, projectId)
  const { id } = await db
    .insertInto('work_items')
    .values({
      ...columnsOf(words),
      kind,
      project_id: projectId,
      number,
      status: 'open',
      created_at: now,
      created_by: by,
      updated_at: now,
      status_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const item = await getWork(db, id)
  const data = { kind, key: item.key, title: item.title }
  appendEvent(db, { at: now, noun: 'work', nounId: String(id), type: 'create', data })
  return item
}

/** One statement that raises and reads, so that no two items get the same; a write that fails gives it back. */
async function takeNumber(db: Db, projectId: ProjectId): Promise<number> {
  const row = await db
    .updateTable('projects')
    .set((eb) => ({ next_number: eb('next_number', '+', 1) }))
    .where('id', '=', projectId)
    .where('status', '<>', 'archived')
    .where('next_number', '<=', workLimits.itemsPerProject)
    .returning('next_number')
    .executeTakeFirst()
  if (row) return row.next_number - 1
  const { key, status } = await getProject(db, projectId)
  if (status === 'archived') {
    throw new AppError('conflict', `${key} is archived, and takes no new work. Make it active first.`)
  }
  throw new AppError('conflict', `${key} has had ${workLimits.itemsPerProject} items, which is the limit.`)
}

export async function requireMilestoneOf(
  db: Db,
  projectId: ProjectId,
  milestoneId: MilestoneId | null,
): Promise<void> {
  if (milestoneId === null) return
  const row = await db
    .selectFrom('milestones')
    .select('id')
    .where('id', '=', milestoneId)
    .where('project_id', '=', projectId)
    .executeTakeFirst()
  if (!row) throw new AppError('invalid', `The project has no milestone ${milestoneId}.`)
}

export function columnsOf(words: WorkWords) {
  const { title, description, milestoneId, priority, severity, assignee, metadata } = words
  return {
    title,
    description,
    milestone_id: milestoneId,
    priority,
    severity,
    assignee,
    metadata: toJson(metadata),
  }
}
