import { endStates, type Prompt, type PromptId, type PromptState } from '../../core/prompt.ts'
import type { Db } from '../schema.ts'
import { toPrompt } from './row.ts'

/** The prompts that this one delegated, the oldest first. */
export async function childrenOf(
  db: Db,
  id: PromptId,
  page: { limit: number; after?: PromptId },
): Promise<Prompt[]> {
  let query = db.selectFrom('prompts').selectAll().where('parent_id', '=', id).orderBy('id').limit(page.limit)
  if (page.after !== undefined) query = query.where('id', '>', page.after)
  return (await query.execute()).map(toPrompt)
}

/** Those that have not ended, or only those in `states`. */
export async function openChildIds(
  db: Db,
  id: PromptId,
  states?: readonly PromptState[],
): Promise<PromptId[]> {
  const query = db.selectFrom('prompts').select('id').where('parent_id', '=', id).orderBy('id')
  const rows = states
    ? query.where('state', 'in', [...states])
    : query.where('state', 'not in', [...endStates])
  return (await rows.execute()).map((row) => row.id)
}
