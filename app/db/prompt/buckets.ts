import { sql, type SqlBool } from 'kysely'
import type { Prompt, PromptId, PromptState } from '../../core/prompt.ts'
import { sortKey } from '../../core/queue.ts'
import { dialectOf } from '../dialect.ts'
import type { Db } from '../schema.ts'
import { isPendingInOrder } from './pending.ts'
import { listedColumns, toListedPrompt, type ListedPrompt } from './row.ts'

/**
 * The queue as people read it from the top: what waits in the order in which it will be given out, what runs by
 * its start, what waits for approval, and what is over, the newest first.
 */
export const buckets = ['queued', 'running', 'staged', 'ended'] as const
export type Bucket = (typeof buckets)[number]

const statesOf: Record<Bucket, readonly PromptState[]> = {
  queued: ['pending'],
  running: ['assigned', 'in_progress', 'restarting'],
  staged: ['staged'],
  ended: ['completed', 'failed', 'cancelled'],
}

/** The last row that was read of a bucket: its place in the order, and its id. */
export interface BucketPlace {
  key: number
  id: PromptId
}

export interface BucketFilter {
  limit: number
  after?: BucketPlace
  states?: readonly PromptState[]
  /** `metadata.project_id`. */
  projectId?: string
}

/** The next `limit` prompts of a bucket. */
export async function readBucket(db: Db, bucket: Bucket, filter: BucketFilter): Promise<ListedPrompt[]> {
  const { limit, after, projectId } = filter
  const states = statesOf[bucket].filter((state) => filter.states?.includes(state) ?? true)
  if (states.length === 0 || limit <= 0) return []
  const direction = bucket === 'ended' ? 'desc' : 'asc'
  let query = db
    .selectFrom('prompts')
    .select(listedColumns)
    .where(isIn(db, states))
    .orderBy(keyOf[bucket], direction)
    .orderBy('id', direction)
    .limit(limit)
  if (after) query = query.where(isPast(bucket, after))
  if (projectId !== undefined) query = query.where(isOfProject(db, projectId))
  return (await query.execute()).map(toListedPrompt)
}

/** The ids of the first prompts in these states, which are all of one bucket, in its order. */
export async function firstIds(db: Db, states: readonly PromptState[], limit: number): Promise<PromptId[]> {
  const bucket = buckets.find((name) => statesOf[name].some((state) => states.includes(state)))
  if (!bucket) return []
  const direction = bucket === 'ended' ? 'desc' : 'asc'
  const rows = await db
    .selectFrom('prompts')
    .select('id')
    .where(isIn(db, states))
    .orderBy(keyOf[bucket], direction)
    .orderBy('id', direction)
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Where a prompt stands in its bucket's order. */
export function placeOf(bucket: Bucket, { id, enqueuedAt, priority, startedAt }: Prompt): BucketPlace {
  if (bucket === 'queued') return { key: sortKey(enqueuedAt, priority), id }
  return { key: bucket === 'running' ? (startedAt ?? notStarted) : id, id }
}

/** How many waiting prompts come before this one, plus one. */
export async function queuePosition(db: Db, prompt: Prompt): Promise<number> {
  const { key, id } = placeOf('queued', prompt)
  const row = await db
    .selectFrom('prompts')
    .select((eb) => eb.fn.countAll<number>().as('before'))
    .where(isPendingInOrder(db))
    .where(sql<SqlBool>`(sort_key, id) < (${key}, ${id})`)
    .executeTakeFirstOrThrow()
  return row.before + 1
}

/** Behind everything that has started: what is being delivered just now. */
const notStarted = Number.MAX_SAFE_INTEGER

const keyOf = {
  queued: sql`sort_key`,
  running: sql`coalesce(started_at, ${sql.lit(notStarted)})`,
  staged: sql`id`,
  ended: sql`id`,
} as const

/** Literally, so that SQLite sees that the partial indexes of these states fit. */
function isIn(db: Db, states: readonly PromptState[]) {
  if (states.length === 1 && states[0] === 'pending') return isPendingInOrder(db)
  const [only, ...others] = states.map((state) => sql.lit(state))
  return others.length === 0
    ? sql<SqlBool>`state = ${only}`
    : sql<SqlBool>`state in (${sql.join([only, ...others])})`
}

function isPast(bucket: Bucket, { key, id }: BucketPlace) {
  const than = bucket === 'ended' ? sql`<` : sql`>`
  return sql<SqlBool>`(${keyOf[bucket]}, id) ${than} (${key}, ${id})`
}

function isOfProject(db: Db, projectId: string) {
  return dialectOf(db) === 'postgres'
    ? sql<SqlBool>`metadata::jsonb ->> 'project_id' = ${projectId}`
    : sql<SqlBool>`metadata ->> '$.project_id' = ${projectId}`
}
