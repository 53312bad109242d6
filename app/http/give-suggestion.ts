import { submit } from '../broker/commands.ts'
import { AppError } from '../core/errors.ts'
import type { ProjectId } from '../core/project.ts'
import type { PromptId } from '../core/prompt.ts'
import type { Suggestion } from '../core/suggestion.ts'
import { getProject } from '../db/project/read.ts'
import type { Db } from '../db/schema.ts'
import { suggestedPrompt } from '../suggestions/confirm.ts'
import { assign, type Queue } from './assign.ts'
import { newPromptOf } from './schemas/new-prompt.ts'

interface Given {
  by: string
  /** In these words instead of ours. */
  content?: string | undefined
  /** That there is such a session, whoever asks has found out. */
  target_session?: string | null | undefined
}

/**
 * The prompt that a suggestion becomes: an error or a bug is assigned as anywhere else, the rest is a prompt of its
 * own. Asked again with the same key it is the same prompt.
 */
export async function promptForSuggestion(
  queue: Queue,
  suggestion: Suggestion,
  key: string,
  { by, content, target_session }: Given,
): Promise<PromptId> {
  const { source, ref, id, priority } = suggestion
  const words = { target_session, priority, idempotency_key: key, metadata: { suggestion: id } }
  const how = { by, whenDone: 'review' } as const
  if (source === 'error') return (await assign(queue, { error: Number(ref) }, { ...words, content }, how)).id
  if (source === 'bug') return (await assign(queue, { work: ref }, { ...words, content }, how)).id
  const input = newPromptOf({ ...words, content: content ?? suggestedPrompt(suggestion) })
  return (await submit(queue.database, input, queue.clock.now())).prompt.id
}

/** Throws `conflict` for a project that takes no new work. */
export async function projectForSuggestion(db: Db, ref: number | string): Promise<ProjectId> {
  const { id, status, key } = await getProject(db, ref)
  if (status !== 'archived') return id
  throw new AppError('conflict', `${key} is archived, and takes no new work. Make it active first.`)
}
