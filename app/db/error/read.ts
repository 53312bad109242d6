import { sql, type SqlBool } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { PromptId, PromptState } from '../../core/prompt.ts'
import type {
  ErrorGroup,
  ErrorId,
  ErrorSample,
  ErrorState,
  ReportedError,
} from '../../core/reported-error.ts'
import { likeWords } from '../like-words.ts'
import type { Db } from '../schema.ts'
import { toErrorGroup, toErrorSample, toReportedError } from './row.ts'

export interface ErrorFilter {
  states?: readonly ErrorState[]
  node?: string
  source?: string
  errorType?: string
  /** Every word of it stands somewhere in type, message or source, whatever its case. */
  text?: string
  groupId?: ErrorId
  /** Seen at this time or later. */
  since?: EpochMs
}

interface Slice {
  limit: number
  offset: number
}

/** Errors that are the same letter by letter, what was seen last first. */
export async function listErrors(
  db: Db,
  filter: ErrorFilter,
  { limit, offset }: Slice,
): Promise<ReportedError[]> {
  const rows = await db
    .selectFrom('errors as e')
    .innerJoin('error_groups as g', 'g.id', 'e.group_id')
    .selectAll('e')
    .select('g.state')
    .where(matches('e', filter))
    .$if(filter.groupId !== undefined, (query) => query.where('e.group_id', '=', filter.groupId!))
    .orderBy('e.last_seen_at', 'desc')
    .orderBy('e.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(toReportedError)
}

/** Groups, what was seen last first. */
export async function listErrorGroups(
  db: Db,
  filter: ErrorFilter,
  { limit, offset }: Slice,
): Promise<ErrorGroup[]> {
  const rows = await db
    .selectFrom('error_groups as g')
    .selectAll('g')
    .select(nodesOfGroup)
    .where(matches('g', filter))
    .orderBy('g.last_seen_at', 'desc')
    .orderBy('g.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute()
  return rows.map(toErrorGroup)
}

/** Of the groups that fit, how many are in which state; the filter's own states don't matter. */
export async function countErrorGroups(
  db: Db,
  filter: ErrorFilter,
): Promise<Partial<Record<ErrorState, number>>> {
  const { states: _states, ...rest } = filter
  const rows = await db
    .selectFrom('error_groups as g')
    .select((eb) => ['g.state', eb.fn.countAll<number>().as('count')])
    .where(matches('g', rest))
    .groupBy('g.state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

/** One error. Throws `not_found`. */
export async function getError(db: Db, id: ErrorId): Promise<ReportedError> {
  const row = await db
    .selectFrom('errors as e')
    .innerJoin('error_groups as g', 'g.id', 'e.group_id')
    .selectAll('e')
    .select('g.state')
    .where('e.id', '=', id)
    .executeTakeFirst()
  if (!row) throw new AppError('not_found', `There is no error ${id}. See which there are: errors list.`)
  return toReportedError(row)
}

/** The group of an error, by the id of any error in it. Throws `not_found`. */
export async function getErrorGroup(db: Db, id: ErrorId): Promise<ErrorGroup> {
  const { groupId } = await getError(db, id)
  const row = await db
    .selectFrom('error_groups as g')
    .selectAll('g')
    .select(nodesOfGroup)
    .where('g.id', '=', groupId)
    .executeTakeFirstOrThrow()
  return toErrorGroup(row)
}

/** The first, the rare ones, the latest. */
export async function listErrorSamples(db: Db, groupId: ErrorId): Promise<ErrorSample[]> {
  const rows = await db
    .selectFrom('error_samples')
    .selectAll()
    .where('group_id', '=', groupId)
    .orderBy('at')
    .execute()
  const order = { first: 0, rare: 1, latest: 2 }
  return rows.map(toErrorSample).toSorted((a, b) => order[a.kind] - order[b.kind])
}

/** The prompt that was last sent to have it fixed, while it is kept. */
export async function fixingPrompt(
  db: Db,
  { promptId }: ErrorGroup,
): Promise<{ id: PromptId; state: PromptState } | null> {
  if (promptId === null) return null
  const row = await db
    .selectFrom('prompts')
    .select(['id', 'state'])
    .where('id', '=', promptId)
    .executeTakeFirst()
  return row ?? null
}

export interface ErrorPlace {
  node: string
  count: number
  firstSeenAt: EpochMs
  lastSeenAt: EpochMs
}

/** Where it happened, most often first. */
export async function listErrorNodes(db: Db, groupId: ErrorId): Promise<ErrorPlace[]> {
  const rows = await db
    .selectFrom('error_nodes')
    .selectAll()
    .where('group_id', '=', groupId)
    .orderBy('count', 'desc')
    .orderBy('node')
    .execute()
  return rows.map(({ node, count, first_seen_at: firstSeenAt, last_seen_at: lastSeenAt }) => ({
    node,
    count,
    firstSeenAt,
    lastSeenAt,
  }))
}

/** How often groups happened in each hour since then that is not empty. */
export async function errorHours(
  db: Db,
  groupIds: readonly ErrorId[],
  since: EpochMs,
): Promise<{ groupId: ErrorId; hour: EpochMs; count: number }[]> {
  if (groupIds.length === 0) return []
  const rows = await db
    .selectFrom('error_hours')
    .selectAll()
    .where('group_id', 'in', [...groupIds])
    .where('hour', '>=', since)
    .orderBy('hour')
    .execute()
  return rows.map(({ group_id: groupId, hour, count }) => ({ groupId, hour, count }))
}

const nodesOfGroup = sql<number>`(select count(*) from error_nodes n where n.group_id = g.id)`.as('nodes')

/** `table`: where type, message and source are looked at; the state is the group's. */
function matches(table: 'e' | 'g', filter: ErrorFilter) {
  const { states, node, source, errorType, text, since } = filter
  const of = (column: string) => sql.ref(`${table}.${column}`)
  const groupId = table === 'g' ? sql.ref('g.id') : sql.ref('e.group_id')
  const parts = [
    states && sql<SqlBool>`g.state in (${sql.join(states.length > 0 ? [...states] : [''])})`,
    since !== undefined && sql<SqlBool>`${of('last_seen_at')} >= ${since}`,
    source !== undefined && sql<SqlBool>`${of('source')} = ${source}`,
    errorType !== undefined && sql<SqlBool>`${of('error_type')} = ${errorType}`,
    node !== undefined &&
      sql<SqlBool>`exists (select 1 from error_nodes n where n.group_id = ${groupId} and n.node = ${node})`,
    ...likeWords(sql`${of('error_type')} || ' ' || ${of('message')} || ' ' || ${of('source')}`, text),
  ].filter((part) => part !== undefined && part !== false)
  return sql<SqlBool>`(${parts.length === 0 ? sql`1 = 1` : sql.join(parts, sql` and `)})`
}
