import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import type { NewPrompt, Prompt, PromptId } from '../../core/prompt.ts'
import { toFlag, toJson } from '../columns.ts'
import { appendEvent } from '../events.ts'
import type { Db } from '../schema.ts'
import { targetColumns } from './advance.ts'
import { getPrompt } from './read.ts'
import { toPrompt } from './row.ts'

/** What a person may change while a prompt waits; `content` is normalised before. */
export type PromptEdit = Partial<
  Pick<
    NewPrompt,
    | 'content'
    | 'priority'
    | 'target'
    | 'timeoutMinutes'
    | 'maxRetries'
    | 'metadata'
    | 'context'
    | 'agentCommand'
    | 'repeatable'
  > & { expiresAt: EpochMs | null }
>

/**
 * Changes a staged or pending prompt. Throws `conflict` when it is neither any more, or when `version` is
 * given and somebody else changed it since.
 */
export async function editPrompt(
  db: Db,
  id: PromptId,
  edit: PromptEdit,
  now: EpochMs,
  version?: number,
): Promise<Prompt> {
  const columns = await columnsOf(db, edit)
  let query = db
    .updateTable('prompts')
    .set(columns)
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', id)
    .where('state', 'in', ['staged', 'pending'])
  if (version !== undefined) query = query.where('version', '=', version)
  const row = await query.returningAll().executeTakeFirst()
  if (!row) throw await refusal(db, id)
  appendEvent(db, {
    at: now,
    noun: 'prompt',
    nounId: String(id),
    type: 'edit',
    data: { fields: Object.keys(edit) },
  })
  return toPrompt(row)
}

async function columnsOf(db: Db, edit: PromptEdit) {
  return {
    ...(edit.content !== undefined && { content: edit.content, next_text: null }),
    ...(edit.priority !== undefined && { priority: edit.priority }),
    ...(edit.target !== undefined && (await targetColumns(db, edit.target))),
    ...(edit.timeoutMinutes !== undefined && { timeout_minutes: edit.timeoutMinutes }),
    ...(edit.maxRetries !== undefined && { max_retries: edit.maxRetries }),
    ...(edit.metadata !== undefined && { metadata: toJson(edit.metadata) }),
    ...(edit.context !== undefined && { context: edit.context }),
    ...(edit.agentCommand !== undefined && { agent_command: toFlag(edit.agentCommand) }),
    ...(edit.repeatable !== undefined && { repeatable: toFlag(edit.repeatable) }),
    ...(edit.expiresAt !== undefined && { expires_at: edit.expiresAt }),
  }
}

async function refusal(db: Db, id: PromptId): Promise<AppError> {
  const { state } = await getPrompt(db, id)
  if (state !== 'staged' && state !== 'pending') {
    return new AppError('conflict', `Cannot edit prompt ${id}: it is ${state}.`)
  }
  return new AppError('conflict', `Cannot edit prompt ${id}: it was changed meanwhile. Look at it again.`)
}
