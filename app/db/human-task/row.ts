import type { Selectable } from 'kysely'
import type { HumanTask } from '../../core/human-task.ts'
import { fromJson } from '../columns.ts'
import type { HumanTaskRow } from '../schema.ts'

export function toHumanTask(row: Selectable<HumanTaskRow>): HumanTask {
  return {
    id: row.id,
    state: row.state,
    node: row.node,
    session: row.session,
    sessionKey: row.session_key,
    promptId: row.prompt_id,
    question: row.question,
    context: row.context,
    choices: fromJson(row.choices),
    dueAt: row.due_at,
    missingSince: row.missing_since,
    createdAt: row.created_at,
    endedAt: row.ended_at,
    answer: row.answer,
    answeredBy: row.answered_by,
    answerPromptId: row.answer_prompt_id,
  }
}
