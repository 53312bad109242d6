import type { Selectable } from 'kysely'
import type { WorkComment, WorkItem, WorkLink } from '../../core/work.ts'
import { fromJson } from '../columns.ts'
import type { WorkCommentRow, WorkItemRow, WorkLinkRow } from '../schema.ts'

/** `project_key`: of its project, as every query of items brings it. */
export function toWorkItem(row: Selectable<WorkItemRow> & { project_key: string }): WorkItem {
  return {
    id: row.id,
    key: `${row.project_key}-${row.number}`,
    kind: row.kind,
    projectId: row.project_id,
    milestoneId: row.milestone_id,
    title: row.title,
    description: row.description,
    status: row.status,
    priority: row.priority,
    severity: row.severity,
    assignee: row.assignee,
    metadata: fromJson(row.metadata),
    promptId: row.prompt_id,
    note: row.note,
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    statusAt: row.status_at,
  }
}

export function toWorkLink(row: Selectable<WorkLinkRow>): WorkLink {
  const { id, item_id: itemId, kind, ref, relation, created_at: createdAt, created_by: createdBy } = row
  return { id, itemId, kind, ref, relation, createdAt, createdBy }
}

export function toWorkComment(row: Selectable<WorkCommentRow>): WorkComment {
  const { id, item_id: itemId, at, author, body } = row
  return { id, itemId, at, author, body }
}
