import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { AppError } from '../../core/errors.ts'
import type { MilestoneId } from '../../core/milestone.ts'
import type { ProjectId } from '../../core/project.ts'
import type { PromptId } from '../../core/prompt.ts'
import type { Severity, WorkId, WorkItem, WorkKind, WorkStatus } from '../../core/work.ts'
import { likeWords } from '../like-words.ts'
import type { Db } from '../schema.ts'
import { toWorkItem } from './row.ts'

export interface WorkFilter {
  kinds?: readonly WorkKind[]
  projectId?: ProjectId
  milestoneId?: MilestoneId
  statuses?: readonly WorkStatus[]
  severities?: readonly Severity[]
  /** `user:NAME` or `session:NAME`. */
  assignee?: string
  promptId?: PromptId
  /** Every word of it stands somewhere in title, description or number, whatever its case. */
  text?: string
}

export const workOrders = ['newest', 'updated', 'priority'] as const
export type WorkOrder = (typeof workOrders)[number]

export interface WorkSlice {
  limit: number
  offset?: number
  order?: WorkOrder
}

export async function listWork(db: Db, filter: WorkFilter, slice: WorkSlice): Promise<WorkItem[]> {
  const { limit, offset = 0, order = 'newest' } = slice
  // Which they are is found first, by indexes alone where possible; whole rows are read of these only.
  const ids = fitting(db, filter).select('w.id').orderBy(inOrder[order]).limit(limit).offset(offset)
  const rows = await selectWork(db).where('w.id', 'in', ids).orderBy(inOrder[order]).execute()
  return rows.map(toWorkItem)
}

/** Of the work that fits, how much has which status; the filter's own statuses don't matter. */
export async function countWork(
  db: Db,
  { statuses: _statuses, ...rest }: WorkFilter,
): Promise<Partial<Record<WorkStatus, number>>> {
  const rows = await fitting(db, rest)
    .select((eb) => ['w.status', eb.fn.countAll<number>().as('count')])
    .groupBy('w.status')
    .execute()
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
}

/** By its number among all work, or by its key (`ARC-12`) in whatever case. Throws `not_found`. */
export async function getWork(db: Db, ref: WorkId | string): Promise<WorkItem> {
  const item = await findWork(db, ref)
  if (item) return item
  throw new AppError('not_found', `There is no feature, bug or devops task ${ref}.`)
}

export async function findWork(db: Db, ref: WorkId | string): Promise<WorkItem | null> {
  const query = selectWork(db)
  const [key, number] = String(ref).toUpperCase().split('-')
  const found =
    typeof ref === 'number'
      ? query.where('w.id', '=', ref)
      : query.where('p.key', '=', key!).where('w.number', '=', Number(number))
  const row = await found.executeTakeFirst()
  return row ? toWorkItem(row) : null
}

/** Items by their ids, in no order; of those that are not there none. */
export async function workByIds(db: Db, ids: readonly WorkId[]): Promise<WorkItem[]> {
  if (ids.length === 0) return []
  const rows = await selectWork(db)
    .where('w.id', 'in', [...ids])
    .execute()
  return rows.map(toWorkItem)
}

/** Every query of items brings the key of the project with it, which is the beginning of theirs. */
export function selectWork(db: Db) {
  return db
    .selectFrom('work_items as w')
    .innerJoin('projects as p', 'p.id', 'w.project_id')
    .selectAll('w')
    .select('p.key as project_key')
}

/** Only words need the project beside it. */
function fitting(db: Db, filter: WorkFilter) {
  return db
    .selectFrom('work_items as w')
    .$if(filter.text !== undefined, (query) => query.innerJoin('projects as p', 'p.id', 'w.project_id'))
    .where(matches(filter))
}

const inOrder: Record<WorkOrder, RawBuilder<unknown>> = {
  newest: sql`w.id desc`,
  updated: sql`w.updated_at desc, w.id desc`,
  priority: sql`w.priority desc, w.id`,
}

function matches(filter: WorkFilter) {
  const { kinds, projectId, milestoneId, statuses, severities, assignee, promptId, text } = filter
  const words = sql`w.title || ' ' || w.description || ' ' || p.key || '-' || w.number`
  const parts = [
    kinds && isOneOf('w.kind', kinds),
    projectId !== undefined && sql<SqlBool>`w.project_id = ${projectId}`,
    milestoneId !== undefined && sql<SqlBool>`w.milestone_id = ${milestoneId}`,
    statuses && isOneOf('w.status', statuses),
    severities && isOneOf('w.severity', severities),
    assignee !== undefined && sql<SqlBool>`w.assignee = ${assignee}`,
    promptId !== undefined && sql<SqlBool>`w.prompt_id = ${promptId}`,
    ...likeWords(words, text),
  ].filter((part) => part !== undefined && part !== false)
  return sql<SqlBool>`(${parts.length === 0 ? sql`1 = 1` : sql.join(parts, sql` and `)})`
}

function isOneOf(column: string, values: readonly string[]) {
  return sql<SqlBool>`${sql.ref(column)} in (${sql.join(values.length > 0 ? [...values] : [''])})`
}
