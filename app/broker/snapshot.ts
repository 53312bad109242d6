import type { Prompt, PromptId, PromptState } from '../core/prompt.ts'
import { latestCursor } from '../db/events.ts'
import type { Db } from '../db/schema.ts'
import {
  buckets,
  firstIds,
  placeOf,
  queuePosition,
  readBucket,
  type Bucket,
  type BucketPlace,
} from '../db/prompt/buckets.ts'
import type { ListedPrompt } from '../db/prompt/row.ts'
import { promptCounts } from '../db/prompts.ts'

/*
 * The queue in Nightshift's words (`GET /api/prompts` and the `queue_snapshot` event): the same rows, its
 * statuses, its order.
 */

/** Nightshift's states, and `staged`, which it does not have: waiting for approval. */
export const queueStatuses = [
  'queued',
  'running',
  'server_restarting',
  'staged',
  'completed',
  'failed',
  'canceled',
] as const
export type QueueStatus = (typeof queueStatuses)[number]

export function statusOf(state: PromptState): QueueStatus {
  return statuses[state]
}

export function statesOf(wanted: readonly QueueStatus[]): PromptState[] {
  return (Object.keys(statuses) as PromptState[]).filter((state) => wanted.includes(statuses[state]))
}

/** One prompt as Nightshift's clients read it. */
export interface QueueItem {
  id: PromptId
  /** In lists only the beginning of a long one. */
  prompt: string
  /** Of the whole text, in characters. */
  promptLength: number
  status: QueueStatus
  projectId: string | null
  /** Of what waits: its place in the order in which it will be given out, from 1. 0: runs. null: not active. */
  queuePosition: number | null
  createdAt: number
  enqueuedAt: number
  startedAt: number | null
  finishedAt: number | null
  attemptCount: number
  requiresFollowUp: boolean
  /** Why it ended as it did, or what the restart that it survives is for. */
  summary: string | null
  session: string | null
  priority: number
}

export interface QueueSnapshot {
  items: QueueItem[]
  nextCursor: string | null
  /** For each status how many there are, and the ids of the first of them in their order. */
  statusBuckets: Record<QueueStatus, { count: number; ids: PromptId[] }>
  /** The event that this is as new as. */
  cursor: number
}

export interface SnapshotFilter {
  limit: number
  /** `nextCursor` of the page before. */
  after?: string
  statuses?: readonly QueueStatus[]
  projectId?: string
}

/** Queued prompts first, then what runs, what waits for approval, and what is over. */
export async function queueSnapshot(db: Db, filter: SnapshotFilter): Promise<QueueSnapshot> {
  const cursor = await latestCursor(db)
  const [page, statusBuckets] = await Promise.all([readPage(db, filter), readBuckets(db)])
  return { ...page, statusBuckets, cursor }
}

/** The place of one prompt, counted in the database; pages count along instead. */
export async function queueItem(db: Db, prompt: Prompt): Promise<QueueItem> {
  const position = prompt.state === 'pending' ? await queuePosition(db, prompt) : 0
  return itemOf({ ...prompt, contentLength: Array.from(prompt.content).length }, position)
}

/** `queued.1763719200000.12`; null when it is none of ours. */
export function parseCursor(cursor: string): { bucket: Bucket; place: BucketPlace } | null {
  const [name, key, id] = cursor.split('.')
  const bucket = buckets.find((known) => known === name)
  const place = { key: Number(key), id: Number(id) }
  return bucket && Number.isSafeInteger(place.key) && Number.isSafeInteger(place.id)
    ? { bucket, place }
    : null
}

const statuses: Record<PromptState, QueueStatus> = {
  staged: 'staged',
  pending: 'queued',
  assigned: 'running',
  in_progress: 'running',
  restarting: 'server_restarting',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'canceled',
}

async function readPage(
  db: Db,
  filter: SnapshotFilter,
): Promise<Pick<QueueSnapshot, 'items' | 'nextCursor'>> {
  const { limit, after, projectId } = filter
  const start = after === undefined ? null : parseCursor(after)
  const states = filter.statuses && statesOf(filter.statuses)
  const items: QueueItem[] = []
  let last: string | null = null
  for (const bucket of start ? buckets.slice(buckets.indexOf(start.bucket)) : buckets) {
    const prompts = await readBucket(db, bucket, {
      limit: limit + 1 - items.length,
      ...(start?.bucket === bucket && { after: start.place }),
      ...(states && { states }),
      ...(projectId !== undefined && { projectId }),
    })
    for (const prompt of prompts) {
      if (items.length === limit) return { items, nextCursor: last }
      items.push(itemOf(prompt, await positionOf(db, prompt, items.at(-1), projectId)))
      const { key, id } = placeOf(bucket, prompt)
      last = `${bucket}.${key}.${id}`
    }
  }
  return { items, nextCursor: null }
}

/** One after the last one, where every waiting prompt is on the page; otherwise it has to be counted. */
async function positionOf(
  db: Db,
  prompt: Prompt,
  previous: QueueItem | undefined,
  projectId: string | undefined,
): Promise<number> {
  if (prompt.state !== 'pending') return 0
  if (projectId === undefined && previous?.queuePosition) return previous.queuePosition + 1
  return queuePosition(db, prompt)
}

/** So many ids of each status: what is behind them is read page by page. */
const bucketIds = 100

async function readBuckets(db: Db): Promise<QueueSnapshot['statusBuckets']> {
  const counts = await promptCounts(db)
  const entries = queueStatuses.map(async (status) => {
    const states = statesOf([status])
    const count = states.reduce((sum, state) => sum + counts[state], 0)
    return [status, { count, ids: count === 0 ? [] : await firstIds(db, states, bucketIds) }] as const
  })
  return Object.fromEntries(await Promise.all(entries)) as QueueSnapshot['statusBuckets']
}

function itemOf(prompt: ListedPrompt, position: number): QueueItem {
  const { project_id: project } = prompt.metadata
  const status = statusOf(prompt.state)
  return {
    id: prompt.id,
    prompt: prompt.content,
    promptLength: prompt.contentLength,
    status,
    projectId: typeof project === 'string' ? project : null,
    queuePosition: isActive(status) ? position : null,
    createdAt: prompt.createdAt,
    enqueuedAt: prompt.enqueuedAt,
    startedAt: prompt.startedAt,
    finishedAt: prompt.endedAt,
    attemptCount: prompt.attempts,
    requiresFollowUp: prompt.requiresFollowUp,
    summary: prompt.reason,
    session: prompt.sessionName,
    priority: prompt.priority,
  }
}

function isActive(status: QueueStatus): boolean {
  return status === 'queued' || status === 'running' || status === 'server_restarting'
}
