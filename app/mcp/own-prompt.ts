import type { NamedSession } from '../broker/session-settings.ts'
import type { Prompt } from '../core/prompt.ts'
import type { Db } from '../db/schema.ts'
import { getPrompt } from '../db/prompts.ts'

/** The prompt that the session works on; null when it has none, because a person typed there or nobody did. */
export async function ownPrompt(db: Db, { node, name }: NamedSession): Promise<Prompt | null> {
  const row = await db
    .selectFrom('sessions')
    .select('prompt_id')
    .where('node', '=', node)
    .where('name', '=', name)
    .where('prompt_id', 'is not', null)
    .orderBy('since', 'desc')
    .executeTakeFirst()
  return row?.prompt_id == null ? null : getPrompt(db, row.prompt_id)
}
