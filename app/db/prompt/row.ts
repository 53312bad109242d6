import { sql, type Selectable } from 'kysely'
import type { Prompt } from '../../core/prompt.ts'
import { fromJson, fromNullableJson } from '../columns.ts'
import { parseSessionName } from '../../core/session-name.ts'
import type { PromptRow } from '../schema.ts'

export function toPrompt(row: Selectable<PromptRow>): Prompt {
  return {
    id: row.id,
    state: row.state,
    content: row.content,
    priority: row.priority,
    target: fromJson(row.target),
    timeoutMinutes: row.timeout_minutes,
    maxRetries: row.max_retries,
    retryCount: row.retry_count,
    metadata: fromJson(row.metadata),
    createdAt: row.created_at,
    enqueuedAt: row.enqueued_at,
    hold: row.hold,
    wakeAt: row.wake_at,
    expiresAt: row.expires_at,
    idempotencyKey: row.idempotency_key,
    after: fromJson(row.after_ids),
    context: row.context,
    followUpOf: row.follow_up_of,
    agentCommand: row.agent_command === 1,
    repeatable: row.repeatable === 1,
    waitingFor: row.waiting_for,
    skips: row.skips,
    attention: row.attention,
    interruptRequestedAt: row.interrupt_requested_at,
    sessionKey: row.session_key,
    sessionName: row.session_name,
    attempts: row.attempts,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    reason: row.reason,
    requiresFollowUp: row.requires_follow_up === 1,
    kind: row.kind,
    parent: row.parent_id,
    depth: row.depth,
    from: row.sent_by === null ? null : parseSessionName(row.sent_by),
    report: row.report,
    review: row.review,
    reviewComment: row.review_comment,
    reviewedAt: row.reviewed_at,
    nextText: row.next_text,
    firstTarget: fromNullableJson(row.first_target),
    version: row.version,
  }
}

/** A list shows so much of a text; a page of whole ones could be 200 MB. */
const listedChars = 4_000

/** A prompt whose `content` may be only the beginning of it, and how long it is, in characters. */
export interface ListedPrompt extends Prompt {
  contentLength: number
}

export function toListedPrompt(row: Selectable<PromptRow> & { length: number }): ListedPrompt {
  return { ...toPrompt(row), contentLength: row.length }
}

/** All but the text, which may be a megabyte. */
const otherColumns = [
  'id',
  'state',
  'priority',
  'target',
  'target_id',
  'timeout_minutes',
  'max_retries',
  'retry_count',
  'metadata',
  'created_at',
  'enqueued_at',
  'sort_key',
  'hold',
  'wake_at',
  'expires_at',
  'idempotency_key',
  'after_ids',
  'context',
  'follow_up_of',
  'agent_command',
  'repeatable',
  'waiting_for',
  'skips',
  'attention',
  'interrupt_requested_at',
  'session_key',
  'session_name',
  'attempts',
  'started_at',
  'ended_at',
  'reason',
  'requires_follow_up',
  'version',
  'kind',
  'parent_id',
  'depth',
  'sent_by',
  'report',
  'awaited_until',
  'review',
  'review_comment',
  'reviewed_at',
  'next_text',
  'first_target',
] as const satisfies readonly (keyof PromptRow)[]

/** What lists read; `toListedPrompt` takes it. */
export const listedColumns = [
  ...otherColumns,
  sql<string>`substr(content, 1, ${sql.lit(listedChars)})`.as('content'),
  sql<number>`length(content)`.as('length'),
]
