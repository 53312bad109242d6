import type { Updateable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  interactionEvents,
  openInteractionStates,
  type Interaction,
  type InteractionEvent,
  type InteractionId,
} from '../../core/interaction.ts'
import { toNullableJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db, InteractionRow } from '../schema.ts'
import { getInteraction } from './read.ts'
import { toInteraction, type StoredInteraction } from './row.ts'

export type InteractionChanges = Partial<
  Pick<StoredInteraction, 'decision' | 'decidedBy' | 'answer' | 'token' | 'answerUntil' | 'reason'>
>

/**
 * Applies one lifecycle event, with its row in the log. Throws `conflict` when the interaction has moved on
 * ("Cannot decide interaction 7: it is answered."). With `seen`, also when anything of it changed since.
 */
export async function advanceInteraction(
  db: Db,
  id: InteractionId,
  event: InteractionEvent,
  changes: InteractionChanges,
  now: EpochMs,
  seen?: Pick<Interaction, 'version'>,
): Promise<StoredInteraction> {
  const { from, to } = interactionEvents[event]
  const isOver = !(openInteractionStates as readonly string[]).includes(to)
  let query = db
    .updateTable('interactions')
    .set((eb) => ({
      ...columnsOf(changes),
      ...(event === 'decide' && { decided_at: now }),
      ...(event === 'withdraw' && undecided),
      ended_at: isOver ? now : null,
      state: to,
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', 'in', [...from])
  if (seen) query = query.where('version', '=', seen.version)
  const row = await query.returningAll().executeTakeFirst()
  if (!row) throw await refusal(db, id, event)
  const interaction = toInteraction(row)
  appendEvent(db, {
    at: now,
    noun: 'interaction',
    nounId: String(id),
    type: event,
    data: toldOf(interaction, changes),
  })
  return interaction
}

/** Notes what rules say about one that stays open. */
export async function noteDecision(
  db: Db,
  id: InteractionId,
  decision: NonNullable<Interaction['decision']>,
  now: EpochMs,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('interactions')
    .set({ decision: toNullableJson(decision) })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  const { effect, by, reason } = decision
  appendEvent(db, {
    at: now,
    noun: 'interaction',
    nounId: String(id),
    type: 'waits',
    data: { effect, by, reason },
  })
}

/** As if nobody had decided; what rules say is asked for anew. */
const undecided = {
  decision: null,
  decided_by: null,
  decided_at: null,
  answer: null,
  token: null,
  answer_until: null,
}

function columnsOf({ decision, decidedBy, answer, token, answerUntil, reason }: InteractionChanges) {
  const columns: Updateable<InteractionRow> = {}
  if (decision !== undefined) columns.decision = toNullableJson(decision)
  if (decidedBy !== undefined) columns.decided_by = toNullableJson(decidedBy)
  if (answer !== undefined) columns.answer = toNullableJson(answer)
  if (token !== undefined) columns.token = token
  if (answerUntil !== undefined) columns.answer_until = answerUntil
  if (reason !== undefined) columns.reason = reason
  return columns
}

/** What the log keeps: a decision with its rule, the rule's version and the digests of what it was made on. */
function toldOf(interaction: StoredInteraction, changes: InteractionChanges) {
  const { state, sessionName: session, inputDigest, screenDigest } = interaction
  const { decidedBy, answer, decision, reason } = changes
  return {
    state,
    session,
    ...(decidedBy && { by: decidedBy, input_digest: inputDigest, screen_digest: screenDigest }),
    ...(decision && { also: decision.also, because: decision.reason }),
    ...(answer && { answer }),
    ...(reason && { reason }),
  }
}

async function refusal(db: Db, id: InteractionId, event: InteractionEvent): Promise<AppError> {
  const { state, decidedBy, reason } = await getInteraction(db, id)
  const by = decidedBy ? ` by ${nameOf(decidedBy)}` : ''
  const why = reason === null ? '' : ` (${reason})`
  const is =
    state === 'answering'
      ? `is being answered${by}`
      : state === 'answered'
        ? `was answered${by}`
        : `is ${state}${why}`
  return new AppError('conflict', `Cannot ${event} interaction ${id}: it ${is}.`)
}

function nameOf(by: NonNullable<Interaction['decidedBy']>): string {
  if (by.kind === 'pattern') return `pattern ${by.id}`
  return by.kind === 'policy' ? `the policy for ${by.tier} sessions` : by.name
}
