import { askHuman } from '../../broker/human-tasks/ask.ts'
import { answerHuman, dismissHuman } from '../../broker/human-tasks/end.ts'
import type { HumanTask } from '../../core/human-task.ts'
import { getHumanTask, listHumanTasks } from '../../db/human-task/read.ts'
import { listPromptSummaries } from '../../db/prompt/summary.ts'
import { toJson } from '../../json.ts'
import { whoAmI } from '../locks/whoami.ts'
import { openOutput } from '../output/output.ts'
import { personHere } from '../person.ts'
import { withDatabase } from '../with.ts'
import { showCards, showQuestion } from './table.ts'

interface Json {
  json?: true
}

/** More than a person works off at once. */
const shown = 200

export async function listOpen(options: Json & { all?: true }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const db = database.kysely
    const tasks = await listHumanTasks(db, {
      limit: shown,
      ...(!options.all && { states: ['open'] as const }),
    })
    const prompts = await listPromptSummaries(db, { attention: true, limit: shown })
    if (output.json)
      output.document({ items: toJson(tasks), blocked_prompts: toJson(prompts), next_cursor: null })
    else showCards(output, tasks.toReversed(), prompts, Date.now())
  })
}

export async function showOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database }) => {
    const task = await getHumanTask(database.kysely, id)
    if (output.json) output.document(toJson(task))
    else showQuestion(output, task, Date.now())
  })
}

export async function answerOne(id: number, words: string[], options: Json): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database, clock }) => {
    const answer = chosen(await getHumanTask(database.kysely, id), words.join(' '))
    const task = await answerHuman(database, id, { answer, by: personHere().name }, clock.now())
    if (output.json) output.document(toJson(task))
    else output.line(`Answered; ${task.session} gets it as prompt ${task.answerPromptId}.`)
  })
}

export async function dismissOne(id: number, options: Json & { reason?: string }): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async ({ database, clock }) => {
    const said = { reason: options.reason ?? null, by: personHere().name }
    const task = await dismissHuman(database, id, said, clock.now())
    if (output.json) output.document(toJson(task))
    else output.line(`Dismissed; ${task.session} is told by prompt ${task.answerPromptId}.`)
  })
}

interface AskOptions extends Json {
  session?: string
  context?: string
  choice?: string[]
  within?: number
}

export async function askOne(question: string, options: AskOptions): Promise<void> {
  const output = openOutput(options)
  await withDatabase(async (records) => {
    const { config, database, clock } = records
    const { context = null, choice: choices = [], within } = options
    const session = await whoAmI(records, options.session)
    const dueAt = within === undefined ? null : clock.now() + within * 60_000
    const input = { node: config.node, session, question, context, choices, dueAt }
    const { task } = await askHuman(database, input, clock.now())
    if (output.json) output.document(toJson(task))
    else output.line(`Asked as question ${task.id}; the answer comes as a prompt to ${task.session}.`)
  })
}

/** The number of a choice means that choice, unless the choices are numbers themselves. */
function chosen({ choices }: HumanTask, answer: string): string {
  if (choices.includes(answer) || !/^[1-9]\d?$/.test(answer)) return answer
  return choices[Number(answer) - 1] ?? answer
}
