import type { EpochMs } from '../../core/clock.ts'
import type { HumanTask } from '../../core/human-task.ts'
import type { Output } from '../output/output.ts'
import type { Column } from '../output/table.ts'
import { renderAge, renderMoment } from '../output/time.ts'
import type { BlockedPrompt } from './desk.ts'

export function showCards(output: Output, tasks: HumanTask[], prompts: BlockedPrompt[], now: EpochMs) {
  if (tasks.length === 0 && prompts.length === 0) return output.line('Nobody asks anything.')
  if (tasks.length > 0) output.table(tasks, columnsFor(now))
  for (const { promptId: id, attention } of prompts) {
    output.line(output.palette.yellow(`▲ prompt ${id}: ${attention}  (./deploy.sh assigner --result ${id})`))
  }
}

export function showQuestion(output: Output, task: HumanTask, now: EpochMs) {
  const { id, state, session, promptId, question, context, choices, dueAt, answer, answeredBy, createdAt } =
    task
  output.line(
    `Question ${id} of ${session}${promptId === null ? '' : ` (prompt ${promptId})`}, ${renderAge(createdAt, now)} ago, ${state}`,
  )
  output.line(`\n${question}`)
  if (context !== null) output.line(`\n${context}`)
  choices.forEach((choice, index) => output.line(`  ${index + 1}. ${choice}`))
  if (dueAt !== null && state === 'open') output.line(`\nUntil ${renderMoment(dueAt, now)}.`)
  if (answer !== null) output.line(`\n${answeredBy ?? ''}: ${answer}`)
}

function columnsFor(now: EpochMs): Column<HumanTask>[] {
  return [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'STATE', value: ({ state }) => state },
    {
      title: 'SESSION',
      value: ({ session, missingSince }) => (missingSince === null ? session : `${session} (gone)`),
    },
    { title: 'ASKED', align: 'right', value: ({ createdAt }) => renderAge(createdAt, now) },
    { title: 'QUESTION', flexible: true, value: ({ question }) => question.slice(0, 200) },
    { title: 'CHOICES', value: ({ choices }) => choices.join(' / ').slice(0, 60) },
  ]
}
