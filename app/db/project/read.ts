import { AppError } from '../../core/errors.ts'
import { progressById, type Progress } from '../../core/milestone.ts'
import type { Project, ProjectId, ProjectStatus } from '../../core/project.ts'
import type { Db } from '../schema.ts'
import { toProject } from './row.ts'

export interface ProjectFilter {
  statuses?: readonly ProjectStatus[]
}

/** In the order of their names. */
export async function listProjects(
  db: Db,
  { statuses }: ProjectFilter,
  slice: { limit: number; offset?: number },
): Promise<Project[]> {
  const rows = await db
    .selectFrom('projects')
    .selectAll()
    .$if(statuses !== undefined, (query) => query.where('status', 'in', [...statuses!]))
    .orderBy('name')
    .orderBy('id')
    .limit(slice.limit)
    .offset(slice.offset ?? 0)
    .execute()
  return rows.map(toProject)
}

/** By its number or its key, in whatever case. Throws `not_found`. */
export async function getProject(db: Db, ref: ProjectId | string): Promise<Project> {
  const project = await findProject(db, ref)
  if (project) return project
  throw new AppError('not_found', `There is no project ${ref}. See which there are: projects list.`)
}

export async function findProject(db: Db, ref: ProjectId | string): Promise<Project | null> {
  const query = db.selectFrom('projects').selectAll()
  const found = typeof ref === 'number' ? query.where('id', '=', ref) : query.where('key', '=', keyOf(ref))
  const row = await found.executeTakeFirst()
  return row ? toProject(row) : null
}

/** The one whose folder this is, whatever its status. */
export async function projectAt(db: Db, rootPath: string): Promise<Project | null> {
  const query = db.selectFrom('projects').selectAll().where('root_path', '=', rootPath)
  const row = await query.executeTakeFirst()
  return row ? toProject(row) : null
}

/** How many have which status. */
export async function countProjects(db: Db): Promise<Partial<Record<ProjectStatus, number>>> {
  const rows = await db
    .selectFrom('projects')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
}

/** How much is done of the work of each project. */
export async function progressOfProjects(
  db: Db,
  ids: readonly ProjectId[],
): Promise<Map<ProjectId, Progress>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('work_items')
    .select((eb) => ['project_id as of', 'status', eb.fn.countAll<number>().as('count')])
    .where('project_id', 'in', [...ids])
    .groupBy(['project_id', 'status'])
    .execute()
  return progressById(ids, rows)
}

const keyOf = (ref: string) => ref.toUpperCase()
