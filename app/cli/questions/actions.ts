import type { HumanTask } from '../../core/human-task.ts'
import { toJson } from '../../json.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import { questionDesks } from './desk.ts'
import { showCards, showQuestion } from './table.ts'

interface Json {
  json?: true
}

export async function listOpen(options: Json & { all?: true }): Promise<void> {
  const output = openOutput(options)
  await withSide(questionDesks, async (desk) => {
    const { tasks, blocked } = await desk.list({ onlyOpen: !options.all })
    if (output.json)
      output.document({ items: toJson(tasks), blocked_prompts: toJson(blocked), next_cursor: null })
    else showCards(output, tasks.toReversed(), blocked, Date.now())
  })
}

export async function showOne(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(questionDesks, async (desk) => {
    const task = await desk.show(id)
    if (output.json) output.document(toJson(task))
    else showQuestion(output, task, Date.now())
  })
}

export async function answerOne(id: number, words: string[], options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(questionDesks, async (desk) => {
    const task = await desk.answer(id, chosen(await desk.show(id), words.join(' ')))
    tell(output, task, `Answered; ${task.session} gets it as prompt ${task.answerPromptId}.`)
  })
}

export async function dismissOne(id: number, options: Json & { reason?: string }): Promise<void> {
  const output = openOutput(options)
  await withSide(questionDesks, async (desk) => {
    const task = await desk.dismiss(id, options.reason ?? null)
    tell(output, task, `Dismissed; ${task.session} is told by prompt ${task.answerPromptId}.`)
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
  await withSide(questionDesks, async (desk) => {
    const { context = null, choice: choices = [], within } = options
    const session = await desk.session(options.session)
    const dueAt = within === undefined ? null : Date.now() + within * 60_000
    const task = await desk.ask({ session, question, context, choices, dueAt })
    tell(output, task, `Asked as question ${task.id}; the answer comes as a prompt to ${task.session}.`)
  })
}

function tell(output: Output, task: HumanTask, sentence: string) {
  if (output.json) output.document(toJson(task))
  else output.line(sentence)
}

/** The number of a choice means that choice, unless the choices are numbers themselves. */
function chosen({ choices }: HumanTask, answer: string): string {
  if (choices.includes(answer) || !/^[1-9]\d?$/.test(answer)) return answer
  return choices[Number(answer) - 1] ?? answer
}
