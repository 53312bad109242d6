import type { Task } from '../../core/task.ts'
import { toJson } from '../../json.ts'
import { runUntilSignal } from '../../process.ts'
import { openOutput, type Output } from '../output/output.ts'
import { withSide } from '../with.ts'
import { addedTask } from './added.ts'
import type { AddOptions, ListOptions, LogOptions } from './command.ts'
import { tasksDesks, type TasksDesk } from './desk.ts'
import { followLog, textOf } from './follow.ts'
import { showTask, showTasks } from './table.ts'

interface Json {
  json?: true
}

export async function listHere(options: ListOptions): Promise<void> {
  const { state, type, node, search, limit = 50 } = options
  const output = openOutput(options)
  await withSide(tasksDesks, async (desk) => {
    const tasks = await desk.list({
      limit,
      ...(state && { states: state }),
      ...(type !== undefined && { type }),
      ...(node !== undefined && { node }),
      ...(search !== undefined && { text: search }),
    })
    if (output.json) output.document({ items: tasks.map(asJson), next_cursor: null })
    else showTasks(output, tasks, Date.now())
  })
}

export async function showHere(id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(tasksDesks, async (desk) => {
    const { task, runs } = await desk.show(id)
    if (output.json) output.document({ ...asJson(task), run_list: toJson(runs) })
    else showTask(output, task, runs, Date.now())
  })
}

export async function addHere(type: string, words: string[], options: AddOptions): Promise<void> {
  const output = openOutput(options)
  const wanted = addedTask(type, words, options, Date.now())
  await withSide(tasksDesks, async (desk) => {
    const { task, created } = await desk.add(wanted)
    if (options.follow) return follow(desk, output, task.id)
    if (output.json) return output.document({ ...asJson(task), created })
    output.line(created ? `Task ${task.id} waits.` : `Task ${task.id} has this key; it is ${task.state}.`)
  })
}

export async function changeHere(change: 'cancel' | 'retry', id: number, options: Json): Promise<void> {
  const output = openOutput(options)
  await withSide(tasksDesks, async (desk) => {
    const task = await desk[change](id)
    if (output.json) return output.document(asJson(task))
    const isBeingEnded = change === 'cancel' && task.state === 'running'
    output.line(
      isBeingEnded
        ? `Task ${id} is being ended.`
        : `Task ${id} ${change === 'retry' ? 'waits again' : 'is cancelled'}.`,
    )
  })
}

export async function logHere(id: number, options: LogOptions): Promise<void> {
  const output = openOutput(options)
  await withSide(tasksDesks, async (desk) => {
    if (options.follow) return follow(desk, output, id)
    const { run, parts } = await desk.log(id, {
      from: 0,
      ...(options.run !== undefined && { run: options.run }),
    })
    if (output.json) return output.document({ run: toJson(run), parts })
    if (!run) output.remark(`Task ${id} has not begun.`)
    process.stdout.write(textOf(parts))
  })
}

/** Its log as it comes, then how it ended, which is how this command ends. */
async function follow(desk: TasksDesk, output: Output, id: number) {
  const write = output.json ? () => {} : (text: string) => void process.stdout.write(text)
  await runUntilSignal(async (signal) => {
    const task = await followLog(desk, id, write, signal)
    if (output.json) output.document(asJson(task))
    else output.remark(`Task ${id}: ${task.state}${task.reason ? `, ${task.reason}` : ''}.`)
    if (task.state !== 'completed') process.exitCode = 1
  })
}

function asJson({ result, ...task }: Task) {
  return { ...toJson(task), result }
}
