import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { NewPrompt, Prompt, PromptId, SessionName } from '../../core/prompt.ts'
import { sessionNameText } from '../../core/session-name.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt, submitPrompt } from '../../db/prompts.ts'
import { askHuman } from '../human-tasks/ask.ts'
import { reviewerOf } from './review.ts'

const titleChars = 120

export const escalations = ['parent', 'person'] as const
/** Whom to ask: the session that delegated it, or a person though there is one. */
export type Escalation = (typeof escalations)[number]

/** Who is asked: a session, by a prompt of kind `question`, or a person, by a question on their list. */
export type Asked = { asked: 'session'; promptId: PromptId } | { asked: 'person'; taskId: number }

/**
 * Takes a question about a prompt to the session that delegated it, or to a person where none did. Whoever gives
 * work out has to answer for it, so no rule stands between them. Throws `conflict` when no session has it yet, or
 * when it is to go to a session that delegated it and none did.
 */
export async function escalate(
  database: Database,
  id: PromptId,
  question: string,
  now: EpochMs,
  wanted?: Escalation,
): Promise<Asked> {
  const prompt = await getPrompt(database.kysely, id)
  const { sessionKey, sessionName } = prompt
  if (!sessionKey || !sessionName)
    throw new AppError('conflict', `Prompt ${id} has not been with any session yet.`)
  const from = { node: sessionKey.split('/')[0] ?? '', name: sessionName }
  const above = wanted === 'person' ? null : await reviewerOf(database.kysely, prompt)
  if (!above && wanted === 'parent')
    throw new AppError('conflict', `No session delegated prompt ${id}. Ask a person.`)
  if (above)
    return { asked: 'session', promptId: await askSession(database, prompt, from, above, question, now) }
  const { node, name: session } = from
  const { task } = await askHuman(database, { node, session, promptId: id, question }, now)
  return { asked: 'person', taskId: task.id }
}

async function askSession(
  database: Database,
  prompt: Prompt,
  from: SessionName,
  above: SessionName,
  question: string,
  now: EpochMs,
): Promise<PromptId> {
  const words = normalisePromptText(question, { agentCommand: true })
  const title = `About prompt ${prompt.id}, which you delegated (${titleOf(prompt)}), ${from.name} asks:`
  const input: NewPrompt = {
    content: `${title}\n\n${words}`,
    kind: 'question',
    from,
    target: { session: sessionNameText(above) },
    priority: prompt.priority,
  }
  const asked = await database.write((db) => submitPrompt(db, input, now))
  await database.bus.notify('prompts')
  return asked.prompt.id
}

function titleOf({ content }: Prompt): string {
  return Array.from(content.split('\n')[0] ?? '')
    .slice(0, titleChars)
    .join('')
}
