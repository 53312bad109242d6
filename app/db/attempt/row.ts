import type { Selectable } from 'kysely'
import type { Attempt } from '../../core/attempt.ts'
import { fromJson, fromNullableJson } from '../columns.ts'
import type { AttemptRow } from '../schema.ts'

export function toAttempt(row: Selectable<AttemptRow>): Attempt {
  return {
    id: row.id,
    promptId: row.prompt_id,
    number: row.number,
    text: row.text,
    token: row.token,
    sessionKey: row.session_key,
    sessionName: row.session_name,
    agent: row.agent,
    generation: row.generation,
    phase: row.phase,
    outcome: row.outcome,
    reason: row.reason,
    claimedAt: row.claimed_at,
    typedAt: row.typed_at,
    enteredAt: row.entered_at,
    submittedAt: row.submitted_at,
    endedAt: row.ended_at,
    pausedMs: row.paused_ms,
    leaseOwner: row.lease_owner,
    leaseEpoch: row.lease_epoch,
    leaseUntil: row.lease_until,
    evidence: fromJson(row.evidence),
    answer: row.answer,
    answerSource: row.answer_source,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
    costUsd: row.cost_usd,
    conversation: row.conversation,
    gitBefore: fromNullableJson(row.git_before),
    gitAfter: fromNullableJson(row.git_after),
    changes: fromNullableJson(row.changes),
  }
}
