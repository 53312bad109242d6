import type { Selectable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import type { Interaction } from '../../core/interaction.ts'
import { fromJson, fromNullableJson } from '../columns.ts'
import type { InteractionRow } from '../schema.ts'

/** An interaction with what people are shown of it, and what the process that answers it needs. */
export interface StoredInteraction extends Interaction {
  /** Why its input can't be read with certainty, in words; null when it can. */
  unsure: string | null
  question: string
  /** Index of the option that was marked when it was seen. */
  selected: number | null
  /** The dialog's rows as they were drawn; null until it has been seen. */
  screen: string | null
  /** When it was last seen or heard of. */
  seenAt: EpochMs
  /** Names this answer in the pane's marker; new with each decision. */
  token: string | null
  /** Until then the process that decided may still be pressing keys. */
  answerUntil: EpochMs | null
}

export function toInteraction(row: Selectable<InteractionRow>): StoredInteraction {
  return {
    id: row.id,
    state: row.state,
    sessionKey: row.session_key,
    sessionName: row.session_name,
    node: row.node,
    generation: row.generation,
    agent: row.agent,
    cwd: row.cwd,
    promptId: row.prompt_id,
    attemptId: row.attempt_id,
    callId: row.call_id,
    kind: row.kind,
    tool: row.tool,
    toolName: row.tool_name,
    input: fromJson(row.input),
    inputFrom: row.input_from,
    inputWhole: row.input_whole === 1,
    inputDigest: row.input_digest,
    unsure: row.unsure,
    question: row.question,
    options: fromJson(row.options),
    selected: row.selected,
    screen: row.screen,
    screenDigest: row.screen_digest,
    askedAt: row.asked_at,
    seenAt: row.seen_at,
    decision: fromNullableJson(row.decision),
    decidedBy: fromNullableJson(row.decided_by),
    decidedAt: row.decided_at,
    answer: fromNullableJson(row.answer),
    token: row.token,
    answerUntil: row.answer_until,
    wish: fromNullableJson(row.wish),
    endedAt: row.ended_at,
    reason: row.reason,
    version: row.version,
  }
}
