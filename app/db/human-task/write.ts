import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import {
  humanTaskEvents,
  type HumanTask,
  type HumanTaskEvent,
  type HumanTaskId,
} from '../../core/human-task.ts'
import type { PromptId } from '../../core/prompt.ts'
import { toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { getHumanTask } from './read.ts'
import { toHumanTask } from './row.ts'

export type NewHumanTask = Pick<
  HumanTask,
  'node' | 'session' | 'sessionKey' | 'promptId' | 'question' | 'context' | 'choices' | 'dueAt'
> & { idempotencyKey: string | null }

/** A second one with the same idempotency key changes nothing and returns the first. */
export async function addHumanTask(
  db: Db,
  task: NewHumanTask,
  now: EpochMs,
): Promise<{ task: HumanTask; created: boolean }> {
  const { node, session, sessionKey, promptId, question, context, choices, dueAt, idempotencyKey } = task
  const row = await db
    .insertInto('human_tasks')
    .values({
      state: 'open',
      node,
      session,
      session_key: sessionKey,
      prompt_id: promptId,
      question,
      context,
      choices: toJson(choices),
      due_at: dueAt,
      created_at: now,
      idempotency_key: idempotencyKey,
    })
    .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (!row) {
    const first = await db
      .selectFrom('human_tasks')
      .selectAll()
      .where('idempotency_key', '=', idempotencyKey)
      .executeTakeFirstOrThrow()
    return { task: toHumanTask(first), created: false }
  }
  const data = { session, promptId, question: question.slice(0, shownChars), dueAt }
  appendEvent(db, { at: now, noun: 'question', nounId: String(row.id), type: 'ask', data })
  return { task: toHumanTask(row), created: true }
}

/** What ends it: the words of a person, or why nobody answers any more. */
export interface HumanTaskEnd {
  answer: string | null
  answeredBy: string | null
}

/** Applies one event. Throws `conflict` when it has ended already, with who ended it how. */
export async function advanceHumanTask(
  db: Db,
  id: HumanTaskId,
  event: HumanTaskEvent,
  { answer, answeredBy }: HumanTaskEnd,
  now: EpochMs,
): Promise<HumanTask> {
  const { from, to } = humanTaskEvents[event]
  const row = await db
    .updateTable('human_tasks')
    .set({ state: to, answer, answered_by: answeredBy, ended_at: now })
    .where('id', '=', id)
    .where('state', 'in', [...from])
    .returningAll()
    .executeTakeFirst()
  if (!row) throw await refusal(db, id, event)
  const data = {
    session: row.session,
    promptId: row.prompt_id,
    ...(answer !== null && { answer: answer.slice(0, shownChars) }),
  }
  appendEvent(db, { at: now, noun: 'question', nounId: String(id), type: event, data })
  return toHumanTask(row)
}

/** The prompt that tells the session. */
export async function linkAnswer(db: Db, id: HumanTaskId, promptId: PromptId): Promise<void> {
  await db.updateTable('human_tasks').set({ answer_prompt_id: promptId }).where('id', '=', id).execute()
}

/** How its session is seen now; no news for anybody. */
export async function noteAsker(db: Db, id: HumanTaskId, missingSince: EpochMs | null): Promise<void> {
  await db.updateTable('human_tasks').set({ missing_since: missingSince }).where('id', '=', id).execute()
}

/** An event's row is no place for a text of many pages. */
const shownChars = 200

async function refusal(db: Db, id: HumanTaskId, event: HumanTaskEvent): Promise<AppError> {
  const { state, answeredBy, answer } = await getHumanTask(db, id)
  const who = answeredBy === null ? '' : ` by ${answeredBy}`
  const what = state === 'answered' && answer !== null ? `: ${answer.slice(0, shownChars)}` : '.'
  return new AppError('conflict', `Cannot ${event} question ${id}: it is ${state} already${who}${what}`)
}
