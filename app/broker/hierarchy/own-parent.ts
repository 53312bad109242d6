import { AppError } from '../../core/errors.ts'
import type { NewPrompt } from '../../core/prompt.ts'
import { isSameSession, sessionNameText } from '../../core/session-name.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'

/** A session passes on parts of what it has itself. Throws `forbidden` where the parent is another's. */
export async function requireOwnParent(database: Database, { from, parent }: NewPrompt): Promise<void> {
  if (!from || parent === undefined) return
  const { sessionKey, sessionName } = await getPrompt(database.kysely, parent)
  const node = sessionKey?.split('/')[0] ?? ''
  if (sessionName !== null && isSameSession({ node, name: sessionName }, from)) return
  throw new AppError(
    'forbidden',
    `Prompt ${parent} is with ${sessionName ?? 'nobody'}, so ${sessionNameText(from)} can't delegate a part of it.`,
  )
}
