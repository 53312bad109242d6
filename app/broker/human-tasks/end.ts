import type { EpochMs } from '../../core/clock.ts'
import {
  humanTaskLimits,
  type HumanTask,
  type HumanTaskEvent,
  type HumanTaskId,
} from '../../core/human-task.ts'
import { maxPriority } from '../../core/queue.ts'
import { advanceHumanTask, linkAnswer, type HumanTaskEnd } from '../../db/human-task/write.ts'
import type { Database } from '../../db/open.ts'
import { submitPrompt } from '../../db/prompts.ts'
import type { Db } from '../../db/schema.ts'
import { listSessions } from '../../db/sessions.ts'
import { checkPrompt } from '../check-prompt.ts'
import { checkText } from './ask.ts'

/**
 * Answers a question. The answer is queued for the session that asked in the same transaction, so that it gets it
 * exactly once. Throws `conflict` when somebody answered before.
 */
export async function answerHuman(
  database: Database,
  id: HumanTaskId,
  { answer, by }: { answer: string; by: string },
  now: EpochMs,
): Promise<HumanTask> {
  const text = checkText('answer', answer, humanTaskLimits.answerChars)
  return endHumanTask(database, id, 'answer', { answer: text, answeredBy: by }, now)
}

/** Nobody will answer; the session is told, with the reason when there is one. */
export async function dismissHuman(
  database: Database,
  id: HumanTaskId,
  { reason, by }: { reason: string | null; by: string },
  now: EpochMs,
): Promise<HumanTask> {
  const text = reason ? checkText('reason', reason, humanTaskLimits.contextChars) : null
  return endHumanTask(database, id, 'dismiss', { answer: text, answeredBy: by }, now)
}

/** Ends a question by any event; the session is told of all but `abandon`. */
export async function endHumanTask(
  database: Database,
  id: HumanTaskId,
  event: HumanTaskEvent,
  end: HumanTaskEnd,
  now: EpochMs,
): Promise<HumanTask> {
  const ended = await database.write(async (db) => {
    const task = await advanceHumanTask(db, id, event, end, now)
    if (event === 'abandon') return task
    const { prompt } = await submitPrompt(db, checkPrompt(await messageTo(db, task, event), now), now)
    await linkAnswer(db, id, prompt.id)
    return { ...task, answerPromptId: prompt.id }
  })
  await database.bus.notify('prompts')
  return ended
}

async function messageTo(db: Db, task: HumanTask, event: HumanTaskEvent) {
  return {
    content: wordsFor(task, event),
    // It stopped its work for this.
    priority: maxPriority,
    target: { session: await routeTo(db, task) },
    context: 'follow_up' as const,
    ...(task.promptId !== null && { followUpOf: task.promptId }),
    metadata: { human_task_id: task.id },
  }
}

/** How much of the question is repeated, so that the answer can be understood alone. */
const quotedChars = 600

function wordsFor({ id, question, answer, answeredBy }: HumanTask, event: HumanTaskEvent): string {
  const quoted = question.length > quotedChars ? `${question.slice(0, quotedChars)}…` : question
  const asked = quoted
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n')
  if (event === 'answer') return `${answeredBy} answers your question ${id}:\n${asked}\n\n${answer}`
  const why =
    event === 'expire'
      ? 'Nobody answered it in time.'
      : `${answeredBy} dismissed it${answer ? `: ${answer}` : '.'}`
  return `Your question ${id} gets no answer. ${why}\n${asked}\n\nGo on as you think best, or say why you can't.`
}

/** The name, which holds after a restart, too; the exact pane where several agents share that name. */
async function routeTo(db: Db, { node, session, sessionKey }: HumanTask): Promise<string> {
  const same = (await listSessions(db)).filter((each) => each.node === node && each.name === session)
  const asker = same.find(({ key }) => key === sessionKey)
  return asker && same.length > 1 ? `${node}/${asker.address}` : `${node}/${session}`
}
