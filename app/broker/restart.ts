import { advancePrompt, listPrompts } from '../db/prompts.ts'
import type { OfficeTools } from './tools.ts'

/**
 * Prompts whose work was to restart Architect: now that it is up again they are done, unless they said that
 * something remains to be checked; then a person or the next agent finishes them.
 */
export async function finishRestarts(tools: OfficeTools): Promise<void> {
  const { database, clock } = tools
  const { items } = await listPrompts(database.kysely, { states: ['restarting'], limit: 1_000 })
  for (const prompt of items) {
    if (prompt.requiresFollowUp) continue
    await database.write((db) => advancePrompt(db, prompt.id, 'finish', {}, clock.now()))
    tools.progress(`prompt ${prompt.id} completed: the service is up again`)
  }
}
