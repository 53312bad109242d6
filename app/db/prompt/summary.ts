import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely'
import type { GitChanges } from '../../core/attempt.ts'
import type { EpochMs } from '../../core/clock.ts'
import type { Hold, PromptId, PromptState, Target } from '../../core/prompt.ts'
import { fromJson, fromNullableJson } from '../columns.ts'
import type { Db, Schema } from '../schema.ts'
import { isPendingInOrder } from './pending.ts'
import { isOnSession } from './on-session.ts'

/** A prompt as lists show it: the beginning of its text instead of up to a megabyte, and how its last attempt went. */
export interface PromptSummary {
  id: PromptId
  state: PromptState
  /** The prompt that it is a part of. */
  parent: PromptId | null
  kind: string | null
  /** The first characters of the text. */
  beginning: string
  priority: number
  target: Target
  createdAt: EpochMs
  enqueuedAt: EpochMs
  startedAt: EpochMs | null
  endedAt: EpochMs | null
  hold: Hold | null
  wakeAt: EpochMs | null
  waitingFor: string | null
  attention: string | null
  reason: string | null
  interruptRequestedAt: EpochMs | null
  sessionKey: string | null
  sessionName: string | null
  attempts: number
  retryCount: number
  tokens: number | null
  costUsd: number | null
  changes: GitChanges | null
}

export const promptSorts = ['newest', 'oldest', 'queue', 'priority', 'ended'] as const
export type PromptSort = (typeof promptSorts)[number]

export interface SummaryFilter {
  states?: readonly PromptState[]
  /** A name, or `node/name`. */
  sessionName?: string
  /** Words that the text has to contain, whatever their case; a number also finds that prompt. */
  search?: string
  /** Only those about which a person has to decide something. */
  attention?: true
  /** Only these. */
  ids?: readonly PromptId[]
  /** Without those whose parent is in the list, too: they belong below it (`parts.ts`). Not with `search`. */
  tops?: boolean
  sort?: PromptSort
  limit: number
  offset?: number
}

export async function listPromptSummaries(db: Db, filter: SummaryFilter): Promise<PromptSummary[]> {
  const { states, sessionName, search, attention, ids, tops, sort = 'newest', limit, offset = 0 } = filter
  let query = selectSummaries(db).limit(limit).offset(offset)
  if (sort === 'queue' && states?.join() === 'pending') query = query.where(isPendingInOrder(db, 'p.state'))
  else if (states) query = query.where('p.state', 'in', [...states])
  if (sessionName !== undefined) query = query.where(isOnSession('p', sessionName))
  if (attention) query = query.where('p.attention', 'is not', null)
  if (ids) query = query.where('p.id', 'in', [...ids])
  if (tops) query = query.where((eb) => eb.not(eb.exists(listedParent(eb, filter))))
  for (const word of wordsOf(search)) query = query.where((eb) => contains(eb, word))
  if (sort === 'queue') query = query.orderBy('p.sort_key').orderBy('p.id')
  else if (sort === 'priority') query = query.orderBy('p.priority', 'desc').orderBy('p.id')
  else if (sort === 'ended') query = query.where('p.ended_at', 'is not', null).orderBy('p.ended_at', 'desc')
  else query = query.orderBy('p.id', sort === 'oldest' ? 'asc' : 'desc')
  return (await query.execute()).map(toSummary)
}

const beginningChars = 400

function selectSummaries(db: Db) {
  return db
    .selectFrom('prompts as p')
    .leftJoin('attempts as a', (join) =>
      join.onRef('a.prompt_id', '=', 'p.id').onRef('a.number', '=', 'p.attempts'),
    )
    .select([
      'p.id',
      'p.state',
      'p.parent_id',
      'p.kind',
      sql<string>`substr(p.content, 1, ${sql.lit(beginningChars)})`.as('beginning'),
      'p.priority',
      'p.target',
      'p.created_at',
      'p.enqueued_at',
      'p.started_at',
      'p.ended_at',
      'p.hold',
      'p.wake_at',
      'p.waiting_for',
      'p.attention',
      'p.reason',
      'p.interrupt_requested_at',
      'p.session_key',
      'p.session_name',
      'p.attempts',
      'p.retry_count',
      'a.tokens_in',
      'a.tokens_out',
      'a.cost_usd',
      'a.changes',
    ])
}

/** More words than anybody types. */
const maxWords = 8

function wordsOf(search: string | undefined): string[] {
  return (search ?? '').toLowerCase().split(/\s+/).filter(Boolean).slice(0, maxWords)
}

type Joined = Schema & { p: Schema['prompts'] }

function contains(eb: ExpressionBuilder<Joined, 'p'>, word: string): Expression<SqlBool> {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`
  const inText = sql<SqlBool>`lower(p.content) like ${pattern} escape '\\'`
  const number = Number(word.replace(/^#/, ''))
  return Number.isSafeInteger(number) && number > 0 ? eb.or([inText, eb('p.id', '=', number)]) : inText
}

function listedParent(
  eb: ExpressionBuilder<Joined, 'p'>,
  { states, sessionName }: Pick<SummaryFilter, 'states' | 'sessionName'>,
) {
  let query = eb.selectFrom('prompts as above').select('above.id').whereRef('above.id', '=', 'p.parent_id')
  if (states) query = query.where('above.state', 'in', [...states])
  return sessionName === undefined ? query : query.where(isOnSession('above', sessionName))
}

type Row = Awaited<ReturnType<ReturnType<typeof selectSummaries>['execute']>>[number]

function toSummary(row: Row): PromptSummary {
  const known = row.tokens_in !== null || row.tokens_out !== null
  return {
    id: row.id,
    state: row.state,
    parent: row.parent_id,
    kind: row.kind,
    beginning: row.beginning,
    priority: row.priority,
    target: fromJson(row.target),
    createdAt: row.created_at,
    enqueuedAt: row.enqueued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    hold: row.hold,
    wakeAt: row.wake_at,
    waitingFor: row.waiting_for,
    attention: row.attention,
    reason: row.reason,
    interruptRequestedAt: row.interrupt_requested_at,
    sessionKey: row.session_key,
    sessionName: row.session_name,
    attempts: row.attempts,
    retryCount: row.retry_count,
    tokens: known ? (row.tokens_in ?? 0) + (row.tokens_out ?? 0) : null,
    costUsd: row.cost_usd,
    changes: fromNullableJson(row.changes),
  }
}
