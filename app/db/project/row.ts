import type { Selectable } from 'kysely'
import type { Project } from '../../core/project.ts'
import { fromJson } from '../columns.ts'
import type { ProjectRow } from '../schema.ts'

export function toProject(row: Selectable<ProjectRow>): Project {
  return {
    id: row.id,
    key: row.key,
    name: row.name,
    description: row.description,
    rootPath: row.root_path,
    repositoryUrl: row.repository_url,
    status: row.status,
    metadata: fromJson(row.metadata),
    version: row.version,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
  }
}
