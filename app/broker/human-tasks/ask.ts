import type { EpochMs } from '../../core/clock.ts'
import { AppError } from '../../core/errors.ts'
import { humanTaskLimits, type HumanTask } from '../../core/human-task.ts'
import { isSessionName } from '../../core/lock.ts'
import { normalisePromptText } from '../../core/prompt-text.ts'
import type { PromptId } from '../../core/prompt.ts'
import { addHumanTask } from '../../db/human-task/write.ts'
import { countOpenHumanTasks } from '../../db/human-task/read.ts'
import type { Database } from '../../db/open.ts'
import { getPrompt } from '../../db/prompts.ts'
import { knownSession } from '../locks/known-session.ts'

export interface Question {
  node: string
  /** Name or key of the session that asks, and that hears the answer. */
  session: string
  /** The prompt that it works on. */
  promptId?: PromptId | null
  question: string
  context?: string | null
  choices?: readonly string[]
  dueAt?: EpochMs | null
  /** A second question with the same key is the first one. */
  idempotencyKey?: string | null
}

/**
 * Asks a person something. The answer comes to the session as its next prompt, also when the question is
 * dismissed or its time is over. Throws `invalid` for what can't be asked, `limited` for too much at a time.
 */
export async function askHuman(
  database: Database,
  input: Question,
  now: EpochMs,
): Promise<{ task: HumanTask; created: boolean }> {
  const checked = checkQuestion(input, now)
  const asked = await database.write(async (db) => {
    const { name, sessionKey } = await knownSession(db, input.node, input.session)
    const { promptId = null } = input
    if (promptId !== null) await getPrompt(db, promptId)
    const open = await countOpenHumanTasks(db, { node: input.node, name })
    if (open >= humanTaskLimits.openPerSession) {
      throw new AppError(
        'limited',
        `${name} has ${open} open questions already; wait for their answers first.`,
      )
    }
    const task = { ...checked, node: input.node, session: name, sessionKey, promptId }
    return addHumanTask(db, { ...task, idempotencyKey: input.idempotencyKey ?? null }, now)
  })
  await database.bus.notify('prompts')
  return asked
}

function checkQuestion({ session, question, context, choices = [], dueAt = null }: Question, now: EpochMs) {
  if (!isSessionName(session)) throw new AppError('invalid', 'Say which session asks.')
  if (dueAt !== null && dueAt <= now)
    throw new AppError('invalid', 'The question would expire before it is asked.')
  if (choices.length > humanTaskLimits.choices) {
    throw new AppError('invalid', `At most ${humanTaskLimits.choices} choices, not ${choices.length}.`)
  }
  return {
    question: checkText('question', question, humanTaskLimits.questionChars),
    context: context ? checkText('context', context, humanTaskLimits.contextChars) : null,
    choices: [...new Set(choices.map((choice) => checkText('choice', choice, humanTaskLimits.choiceChars)))],
    dueAt,
  }
}

/** The text without control characters. Throws `invalid` when nothing or too much is left. */
export function checkText(what: string, text: string, most: number): string {
  if (text.trim() === '') throw new AppError('invalid', `The ${what} is empty.`)
  if (text.length > most) {
    throw new AppError('invalid', `The ${what} has ${text.length} characters; ${most} is the most.`)
  }
  return normalisePromptText(text, { agentCommand: true }).trim()
}
