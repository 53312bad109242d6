import { counted } from '../../core/counted.ts'
import type { TaskState } from '../../core/task.ts'
import type { Worker } from '../../core/worker.ts'
import { countTasks, runningByWorker } from '../../db/task/read.ts'
import { listWorkers } from '../../db/worker.ts'
import { fromJson, toJson, type Json } from '../../json.ts'
import type { Records } from '../../records.ts'
import { openOutput, type Output } from '../output/output.ts'
import { renderAge } from '../output/time.ts'
import type { Dashboard } from '../remote/dashboard.ts'
import { withSide } from '../with.ts'

interface Status {
  workers: (Worker & { running: number[] })[]
  counts: Partial<Record<TaskState, number>>
}

/** `--status`: the workers that work, here or at the dashboard that `ARCHITECT_URL` names. */
export async function showTaskWorkers(options: { json?: true }): Promise<void> {
  const { workers, counts } = await readStatus()
  const output = openOutput(options)
  if (output.json) output.document({ workers: toJson(workers), counts })
  else showStatus(output, { workers, counts }, Date.now())
}

/** `workers list`: the same, as lists are. */
export async function listWorkersHere(options: { json?: true }): Promise<void> {
  const { workers, counts } = await readStatus()
  const output = openOutput(options)
  if (output.json) output.document({ items: toJson(workers), counts, next_cursor: null })
  else showStatus(output, { workers, counts }, Date.now())
}

const readStatus = () => withSide({ local, remote }, (ask) => ask())

function showStatus(output: Output, { workers, counts }: Status, now: number) {
  const { pending = 0, running = 0, failed = 0 } = counts
  output.line(
    `${counted(pending, 'task waits', 'tasks wait')}, ${running} ${running === 1 ? 'runs' : 'run'}, ${failed} failed.`,
  )
  if (workers.length === 0)
    return output.line('No task worker works. Start one: ./deploy.sh task-worker --daemon')
  output.table(workers, [
    { title: 'ID', align: 'right', value: ({ id }) => String(id) },
    { title: 'WORKER', value: ({ name }) => name },
    { title: 'NODE', value: ({ node }) => node },
    { title: 'RUNS', align: 'right', value: (one) => `${one.running.length}/${one.concurrency}` },
    { title: 'DONE', align: 'right', value: ({ completed }) => String(completed) },
    { title: 'FAILED', align: 'right', value: (one) => String(one.failed) },
    { title: 'SEEN', align: 'right', value: ({ heartbeatAt }) => renderAge(heartbeatAt, now) },
    { title: 'TYPES', flexible: true, value: ({ types }) => types.join(' ') },
  ])
}

function local({ database, clock }: Records): () => Promise<Status> {
  return async () => {
    const db = database.kysely
    const [workers, running, counts] = await Promise.all([
      listWorkers(db, clock.now()),
      runningByWorker(db),
      countTasks(db),
    ])
    return { workers: workers.map((one) => ({ ...one, running: running.get(one.id) ?? [] })), counts }
  }
}

function remote(dashboard: Dashboard): () => Promise<Status> {
  return async () => {
    const { workers, counts } = await dashboard.get<Json<Status>>('/api/workers/status')
    return { workers: fromJson<Status['workers']>(workers), counts }
  }
}
