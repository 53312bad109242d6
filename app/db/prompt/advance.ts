import { sql, type Selectable, type Updateable } from 'kysely'
import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  endStates,
  promptEvents,
  type Prompt,
  type PromptEvent,
  type PromptId,
  type PromptState,
  type Target,
} from '../../core/prompt.ts'
import { toFlag, toJson, toNullableJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import { guardedEvents } from '../queue/advance.ts'
import type { Db, PromptRow } from '../schema.ts'
import { targetId } from '../targets.ts'
import { openChildIds } from './children.ts'
import { tellDependents } from './dependencies.ts'
import { effectOf } from './effects.ts'
import { getPrompt } from './read.ts'
import { toPrompt } from './row.ts'

/** What may change together with a lifecycle event; what is not given is set as the event alone implies. */
export type PromptChanges = Partial<
  Pick<
    Prompt,
    | 'hold'
    | 'wakeAt'
    | 'expiresAt'
    | 'waitingFor'
    | 'attention'
    | 'reason'
    | 'retryCount'
    | 'sessionKey'
    | 'sessionName'
    | 'target'
    | 'priority'
    | 'enqueuedAt'
    | 'startedAt'
    | 'endedAt'
    | 'interruptRequestedAt'
    | 'requiresFollowUp'
    | 'review'
    | 'reviewComment'
    | 'reviewedAt'
    | 'nextText'
    | 'firstTarget'
  >
>

/**
 * Applies one lifecycle event, with its row in the log. Throws `conflict` when the prompt's state does not
 * allow it ("Cannot cancel prompt 7: it is completed."), `not_found` when there is no such prompt.
 */
export async function advancePrompt(
  db: Db,
  id: PromptId,
  event: PromptEvent,
  changes: PromptChanges,
  now: EpochMs,
): Promise<Prompt> {
  const columns = await columnsOf(db, changes)
  const row = await advance(db, event, columns, { id, now })
  if (!row) throw await refusal(db, id, event)
  const prompt = toPrompt(row)
  appendEvent(db, {
    at: now,
    noun: 'prompt',
    nounId: String(id),
    type: event,
    data: { state: prompt.state, ...told(changes) },
  })
  if (isTurningPoint(event)) await tellDependents(db, id, now)
  if (prompt.state === 'cancelled') await cancelWaitingChildren(db, id, now)
  return prompt
}

/** Asks whoever follows the prompt to stop its turn. Throws `conflict` when it does not run. */
export async function requestInterrupt(db: Db, id: PromptId, now: EpochMs): Promise<Prompt> {
  const row = await db
    .updateTable('prompts')
    .set((eb) => ({
      interrupt_requested_at: eb.fn.coalesce('interrupt_requested_at', sql<number>`cast(${now} as bigint)`),
      version: eb('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('state', 'in', promptEvents.interrupt.from)
    .returningAll()
    .executeTakeFirst()
  if (!row) throw await refusal(db, id, 'interrupt')
  appendEvent(db, { at: now, noun: 'prompt', nounId: String(id), type: 'interrupt_requested', data: {} })
  return toPrompt(row)
}

type Columns = Omit<Updateable<PromptRow>, 'id'>

async function columnsOf(db: Db, changes: PromptChanges): Promise<Columns> {
  const columns: Record<string, unknown> = {}
  for (const [name, column] of plainColumns) {
    if (changes[name] !== undefined) columns[column] = changes[name]
  }
  if (changes.requiresFollowUp !== undefined) columns['requires_follow_up'] = toFlag(changes.requiresFollowUp)
  if (changes.firstTarget !== undefined) columns['first_target'] = toNullableJson(changes.firstTarget)
  if (changes.target !== undefined) Object.assign(columns, await targetColumns(db, changes.target))
  return columns
}

const plainColumns = [
  ['hold', 'hold'],
  ['wakeAt', 'wake_at'],
  ['expiresAt', 'expires_at'],
  ['waitingFor', 'waiting_for'],
  ['attention', 'attention'],
  ['reason', 'reason'],
  ['retryCount', 'retry_count'],
  ['sessionKey', 'session_key'],
  ['sessionName', 'session_name'],
  ['priority', 'priority'],
  ['enqueuedAt', 'enqueued_at'],
  ['startedAt', 'started_at'],
  ['endedAt', 'ended_at'],
  ['interruptRequestedAt', 'interrupt_requested_at'],
  ['review', 'review'],
  ['reviewComment', 'review_comment'],
  ['reviewedAt', 'reviewed_at'],
  ['nextText', 'next_text'],
] as const satisfies readonly (readonly [keyof PromptChanges, keyof PromptRow])[]

/** The columns that hold a target. */
export async function targetColumns(db: Db, target: Target): Promise<Pick<Columns, 'target' | 'target_id'>> {
  return { target: toJson(target), target_id: await targetId(db, target) }
}

const advance = guardedEvents<Selectable<PromptRow>, PromptEvent>('prompts', promptEvents, effectOf)

/** Events after which the prompts that wait for this one have something to reconsider. */
function isTurningPoint(event: PromptEvent): boolean {
  const { from, to } = promptEvents[event]
  const ended: readonly PromptState[] = endStates
  return ended.includes(to) || from.some((state: PromptState) => ended.includes(state))
}

/** What nobody has begun yet is not begun for a prompt that is cancelled; what runs goes on. */
async function cancelWaitingChildren(db: Db, id: PromptId, now: EpochMs) {
  const waiting = await openChildIds(db, id, promptEvents.cancel.from)
  for (const child of waiting) {
    await advancePrompt(
      db,
      child,
      'cancel',
      { reason: `prompt ${id}, which delegated it, was cancelled` },
      now,
    )
  }
}

/** What of the changes belongs into the log: texts for people and times, not the whole row. */
function told(changes: PromptChanges) {
  const { reason, attention, hold, wakeAt, sessionName, retryCount, priority, target } = changes
  const { reviewComment: comment } = changes
  const facts = { reason, attention, hold, wakeAt, sessionName, retryCount, priority, target, comment }
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined && value !== null),
  )
}

async function refusal(db: Db, id: PromptId, event: PromptEvent): Promise<AppError> {
  const { state } = await getPrompt(db, id)
  const verb = verbs[event] ?? event
  return new AppError('conflict', `Cannot ${verb} prompt ${id}: it is ${state}${hintFor(id, event, state)}.`)
}

const verbs: Partial<Record<PromptEvent, string>> = {
  recall: 'change',
  doubt: 'change',
  assign: 'change',
  hand_over: 'change',
  send_back: 'send back',
}

function hintFor(id: PromptId, event: PromptEvent, state: PromptState): string {
  const runs = state === 'assigned' || state === 'in_progress'
  if (runs && (event === 'cancel' || event === 'reassign' || event === 'retry')) {
    return `; interrupt it first with --interrupt ${id}`
  }
  if (event === 'interrupt' && (state === 'pending' || state === 'staged'))
    return `; cancel it with --cancel ${id}`
  if (event === 'cancel' && state === 'restarting') return `; it runs again or fails by itself`
  return ''
}
