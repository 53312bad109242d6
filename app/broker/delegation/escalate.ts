import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { Prompt, PromptId } from '../../core/prompt.ts'
import { sessionNameText } from '../../core/session-name.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt, submitPrompt } from '../../db/prompts.ts'
import { reviewerOf } from './review.ts'

const titleChars = 120

/**
 * Takes a question about a prompt to the session that delegated it, as a prompt of kind `question`. Whoever
 * gives work out has to answer for it, so no rule stands between them. Throws `conflict` when nobody has it, or
 * when a person sent it: then a person has to be asked.
 */
export async function escalate(
  database: Database,
  id: PromptId,
  question: string,
  now: EpochMs,
): Promise<Prompt> {
  const words = normalisePromptText(question, { agentCommand: true })
  const asked = await database.write(async (db) => {
    const prompt = await getPrompt(db, id)
    const above = await reviewerOf(db, prompt)
    const { sessionKey, sessionName } = prompt
    if (!sessionKey || !sessionName)
      throw new AppError('conflict', `Prompt ${id} has not been with any session yet.`)
    if (!above) {
      throw new AppError('conflict', `No session delegated prompt ${id}: ask the person who sent it.`)
    }
    const content = `About prompt ${id}, which you delegated (${titleOf(prompt)}), ${sessionName} asks:\n\n${words}`
    const from = { node: sessionKey.split('/')[0] ?? '', name: sessionName }
    const target = { session: sessionNameText(above) }
    return submitPrompt(db, { content, kind: 'question', from, target, priority: prompt.priority }, now)
  })
  await database.bus.notify('prompts')
  return asked.prompt
}

function titleOf({ content }: Prompt): string {
  return Array.from(content.split('\n')[0] ?? '')
    .slice(0, titleChars)
    .join('')
}
