import type { Selectable } from 'kysely'
import type { Prompt } from '../../core/prompt.ts'
import { fromJson } from '../columns.ts'
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
    version: row.version,
  }
}
