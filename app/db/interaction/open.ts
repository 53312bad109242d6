import type { EpochMs } from '../../core/clock.ts'
import { inputDigest, maxInputLength, type Ask, type InteractionId } from '../../core/interaction.ts'
import { toFlag, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { toInteraction, type StoredInteraction } from './row.ts'

/** A dialog that was seen, or a request that a hook told of. */
export interface NewInteraction
  extends
    Ask,
    Pick<
      StoredInteraction,
      'sessionKey' | 'sessionName' | 'node' | 'generation' | 'cwd' | 'promptId' | 'callId' | 'unsure'
    >,
    SeenDialog {}

/** What the screen adds to a request; nothing of it is known before the dialog is drawn. */
export type SeenDialog = Pick<
  StoredInteraction,
  'question' | 'options' | 'selected' | 'screen' | 'screenDigest'
>

/** Stores something that a session asks. The same call of an agent is stored once, whoever tells of it again. */
export async function openInteraction(db: Db, ask: NewInteraction, now: EpochMs): Promise<StoredInteraction> {
  const { callId } = ask
  const known = callId === null ? null : await findByCall(db, callId)
  if (known) return known
  const attempt = ask.promptId === null ? null : await runningAttempt(db, ask.promptId)
  const row = await db
    .insertInto('interactions')
    .values({ ...columnsOf(ask), state: 'open', attempt_id: attempt, asked_at: now, seen_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
  const { tool, kind, sessionName, input } = ask
  const data = { session: sessionName, kind, tool, input: beginningOf(input.command ?? input.text ?? '') }
  appendEvent(db, { at: now, noun: 'interaction', nounId: String(row.id), type: 'ask', data })
  return toInteraction(row)
}

/**
 * Adds what the screen shows to what a hook told (`drawn`), or what a person ticked in the pane meanwhile. Does
 * nothing to one that is over.
 */
export async function addDialog(
  db: Db,
  id: InteractionId,
  type: 'drawn' | 'ticked',
  seen: SeenDialog,
  now: EpochMs,
): Promise<void> {
  const { question, options, selected, screen, screenDigest } = seen
  await db
    .updateTable('interactions')
    .set({
      question,
      options: toJson(options),
      selected,
      screen,
      screen_digest: screenDigest,
      seen_at: now,
    })
    .where('id', '=', id)
    .where('state', 'in', ['open', 'answering', 'unknown'])
    .execute()
  appendEvent(db, { at: now, noun: 'interaction', nounId: String(id), type, data: {} })
}

/** The row of one request of a hook; null: it has none. */
export async function findByCall(db: Db, callId: string): Promise<StoredInteraction | null> {
  const row = await db.selectFrom('interactions').selectAll().where('call_id', '=', callId).executeTakeFirst()
  return row ? toInteraction(row) : null
}

async function runningAttempt(db: Db, promptId: number): Promise<number | null> {
  const row = await db
    .selectFrom('attempts')
    .select('id')
    .where('prompt_id', '=', promptId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

function columnsOf(ask: NewInteraction) {
  return {
    session_key: ask.sessionKey,
    session_name: ask.sessionName,
    node: ask.node,
    generation: ask.generation,
    agent: ask.agent,
    cwd: ask.cwd,
    prompt_id: ask.promptId,
    call_id: ask.callId,
    kind: ask.kind,
    tool: ask.tool,
    tool_name: ask.toolName,
    input: toJson(ask.input),
    input_from: ask.inputFrom,
    input_whole: toFlag(ask.inputWhole),
    input_digest: inputDigest(ask),
    unsure: ask.unsure,
    question: ask.question,
    options: toJson(ask.options),
    selected: ask.selected,
    screen: ask.screen?.slice(0, maxInputLength) ?? null,
    screen_digest: ask.screenDigest,
  }
}

function beginningOf(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
