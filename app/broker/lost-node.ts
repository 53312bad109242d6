import { getPrompt, advancePrompt } from '../db/prompts.ts'
import type { PromptId } from '../core/prompt.ts'
import { nodeOf } from '../core/host.ts'
import type { Attempt } from '../core/attempt.ts'
import type { OfficeTools } from './tools.ts'

/**
 * Says that a turn can't be followed because its node is lost. Nothing else is done: whether it goes on there is
 * not known, so that it is neither repeated nor given up before the node is back or a person decides.
 */
export async function flagLost(
  tools: OfficeTools,
  { promptId, sessionKey, sessionName }: Attempt,
): Promise<void> {
  const prompt = await getPrompt(tools.database.kysely, promptId)
  if (prompt.state !== 'in_progress' || prompt.attention !== null) return
  const attention =
    `${nodeOf(sessionKey)} is offline, and ${sessionName} with it. ` +
    'The prompt is held: it is finished when the node is back, or retried by you elsewhere.'
  await change(tools, promptId, attention)
  tools.progress(`prompt ${promptId} is held: ${nodeOf(sessionKey)} is offline`)
}

/** The node is back: what was said of it holds no more. */
export async function unflagLost(tools: OfficeTools, { promptId, sessionKey }: Attempt): Promise<void> {
  const { attention } = await getPrompt(tools.database.kysely, promptId)
  if (attention?.startsWith(`${nodeOf(sessionKey)} is offline`) === true) await change(tools, promptId, null)
}

async function change({ database, clock }: OfficeTools, id: PromptId, attention: string | null) {
  await database.write((db) => advancePrompt(db, id, 'doubt', { attention }, clock.now()))
  await database.bus.notify('prompts')
}
