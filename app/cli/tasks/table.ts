import { taskGlyph, type Task, type TaskRun } from '../../core/task.ts'
import type { Output } from '../output/output.ts'
import { renderAge, renderDuration, renderMoment } from '../output/time.ts'

export function showTasks(output: Output, tasks: Task[], now: number): void {
  if (tasks.length === 0) return output.line('No task.')
  output.table(tasks, [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'STATE', value: ({ state }) => `${taskGlyph[state]} ${state}` },
    { title: 'TYPE', value: ({ type }) => type },
    { title: 'RUNS', align: 'right', value: ({ runs }) => String(runs) },
    { title: 'SINCE', align: 'right', value: (task) => renderAge(sinceOf(task), now) },
    { title: 'WORKER', value: ({ worker, node }) => worker ?? (node === null ? '' : `on ${node}`) },
    {
      title: 'NAME',
      flexible: true,
      value: (task) => [task.name, noteOf(task, now)].filter(Boolean).join(': '),
    },
  ])
}

export function showTask(output: Output, task: Task, runs: TaskRun[], now: number): void {
  const { id, state, type, name, dir, node, secrets, createdBy, createdAt, retryCount, maxRetries } = task
  output.line(`Task ${id}: ${taskGlyph[state]} ${state}, ${type}${name === null ? '' : `, ${name}`}`)
  const note = noteOf(task, now)
  if (note) output.line(note)
  output.line(
    `handed in by ${createdBy} ${renderMoment(createdAt, now)}; ${retryCount} of ${maxRetries} retries`,
  )
  output.line(`data ${JSON.stringify(task.data)}`)
  if (dir !== null) output.line(`folder ${dir}`)
  if (node !== null) output.line(`only on ${node}`)
  if (secrets.length > 0) output.line(`secrets ${secrets.join(', ')}`)
  if (task.result !== null) output.line(`result ${JSON.stringify(task.result)}`)
  if (runs.length === 0) return
  output.table(runs, [
    { title: 'RUN', align: 'right', value: ({ number }) => String(number) },
    { title: 'OUTCOME', value: ({ outcome }) => outcome ?? 'goes on' },
    { title: 'BEGAN', value: ({ startedAt }) => renderMoment(startedAt, now) },
    { title: 'TOOK', align: 'right', value: (run) => renderDuration((run.endedAt ?? now) - run.startedAt) },
    { title: 'EXIT', align: 'right', value: ({ exitCode, signal }) => signal ?? String(exitCode ?? '') },
    { title: 'WORKER', value: ({ worker, node: where }) => `${worker} on ${where}` },
    { title: 'REASON', flexible: true, value: ({ reason }) => reason ?? '' },
  ])
}

const sinceOf = (task: Task) =>
  task.endedAt ?? (task.state === 'running' ? (task.startedAt ?? task.enqueuedAt) : task.enqueuedAt)

function noteOf({ reason, hold, wakeAt, cancelRequestedAt, endedAt }: Task, now: number): string {
  if (cancelRequestedAt !== null && endedAt === null) return 'is being cancelled'
  const waits = hold !== null && wakeAt !== null ? `waits until ${renderMoment(wakeAt, now)}` : ''
  return [reason, waits].filter(Boolean).join('; ')
}
