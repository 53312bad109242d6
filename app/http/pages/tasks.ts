import { z } from 'zod'
import { taskGlyph, taskStates, type Task, type TaskRun, type TaskState } from '../../core/task.ts'
import { listActivity } from '../../db/activity.ts'
import { readTaskLog } from '../../db/task/logs.ts'
import { getTaskPauses } from '../../db/task/pauses.ts'
import {
  countTasks,
  getTask,
  listTasks,
  runningByWorker,
  runsOf,
  secretsOfFailed,
  type TaskFilter,
} from '../../db/task/read.ts'
import { listWorkers } from '../../db/worker.ts'
import { listTypes } from '../../tasks/create.ts'
import { activityWords } from '../activity-words.ts'
import { addressWith, pageNumber, pagesAround } from '../address.ts'
import { definePage, type Page } from '../page.ts'
import { idParams } from '../schemas/list.ts'
import { isRecent } from '../routes/vault/recent-login.ts'

const pageSize = 50
const dayMs = 86_400_000
const views = ['open', ...taskStates, 'all'] as const
type View = (typeof views)[number]

function statesOf(view: View): readonly TaskState[] | undefined {
  if (view === 'all') return undefined
  return view === 'open' ? ['pending', 'running'] : [view]
}

/** Background tasks, the newest first, and what holds them up. */
export const tasksPage: Page = definePage({
  path: '/tasks',
  name: 'tasks',
  area: 'queue',
  topics: ['tasks', 'processes'],
  query: z.object({
    view: z.enum(views).catch('all'),
    q: z.string().trim().max(200).catch(''),
    type: z.string().trim().max(40).catch(''),
    page: pageNumber,
  }),
  async load({ web, query, caller }) {
    const { view, q, type, page } = query
    const db = web.database.kysely
    const now = web.clock.now()
    const states = statesOf(view)
    const found: TaskFilter = { ...(q !== '' && { text: q }), ...(type !== '' && { type }) }
    const slice = { limit: pageSize + 1, offset: (page - 1) * pageSize }
    const [tasks, counts, pauses, workers, types, deadSecrets] = await Promise.all([
      listTasks(db, { ...found, ...(states && { states }) }, slice),
      countTasks(db, found),
      getTaskPauses(db),
      listWorkers(db, now),
      listTypes(db, now),
      secretsOfFailed(db, null),
    ])
    const link = addressWith('/tasks', { view: view === 'all' ? '' : view, q, type })
    return {
      title: 'Tasks',
      rows: tasks.slice(0, pageSize).map(shownTask),
      tabs: views.map((name) => ({
        name,
        count: (statesOf(name) ?? taskStates).reduce((sum, state) => sum + (counts[state] ?? 0), 0),
        isCurrent: name === view,
        href: link({ view: name === 'all' ? '' : name, page: '' }),
      })),
      query,
      isFiltered: q !== '' || type !== '',
      isEmpty: q === '' && type === '' && Object.keys(counts).length === 0,
      failed: counts.failed ?? 0,
      redriveAsks: deadSecrets.length > 0 && !isRecent(caller!, now),
      pages: pagesAround(page, tasks.length > pageSize, link),
      pauses,
      workers: workers.filter(({ endedAt }) => endedAt === null).length,
      types: types.map((each) => each.type),
    }
  },
})

/** One task: what it is, its runs, and what its programs write. */
export const taskPage: Page = definePage({
  path: '/tasks/:id',
  name: 'task',
  area: 'queue',
  topics: ['tasks'],
  params: idParams,
  query: z.object({ run: z.coerce.number().int().positive().optional().catch(undefined) }),
  async load({ web, params, query, caller }) {
    const db = web.database.kysely
    const task = await getTask(db, params.id)
    const [runs, events] = await Promise.all([
      runsOf(db, task.id),
      listActivity(db, { noun: 'task', nounId: String(task.id), limit: 50 }),
    ])
    const run = runs.find(({ number }) => number === query.run) ?? runs[0] ?? null
    const parts = run ? await readTaskLog(db, run.id) : []
    return {
      title: `Task #${task.id}`,
      task: shownTask(task),
      retryAsks: task.secrets.length > 0 && !isRecent(caller!, web.clock.now()),
      data: JSON.stringify(task.data, null, 2),
      result: task.result === null ? null : JSON.stringify(task.result, null, 2),
      runs,
      run: run && { ...run, ms: (run.endedAt ?? web.clock.now()) - run.startedAt, endedWith: endedWith(run) },
      log: run ? logText(run, parts) : '',
      events: events.map((event) => ({ ...event, ...activityWords(event) })),
    }
  },
})

function endedWith({ signal, exitCode }: TaskRun): string {
  if (signal !== null) return signal
  return exitCode === null ? '–' : `exit code ${exitCode}`
}

/** With a line where bytes were left out. */
function logText(run: TaskRun, parts: Awaited<ReturnType<typeof readTaskLog>>): string {
  let text = ''
  let at = 0
  for (const part of parts) {
    if (part.at > at) text += cutLine(part.at - at)
    text += part.text
    at = part.at + part.bytes
  }
  return run.logBytes > at && parts.length > 0 ? text + cutLine(run.logBytes - at) : text
}

const cutLine = (bytes: number) => `\n[… ${bytes.toLocaleString('en')} bytes are not kept …]\n`

function shownTask(task: Task) {
  return {
    ...task,
    called: task.name ?? task.type,
    glyph: taskGlyph[task.state],
    /** Colours of states are those of prompts. */
    colour: task.state === 'running' ? 'in_progress' : task.state,
    isOver: task.endedAt !== null,
    mayRetry: task.state === 'failed' || task.state === 'cancelled',
  }
}

/** Who works on tasks, here and elsewhere, and what this dashboard keeps running. */
export const workersPage: Page = definePage({
  path: '/workers',
  name: 'workers',
  area: 'queue',
  topics: ['tasks', 'processes'],
  async load({ web }) {
    const db = web.database.kysely
    const now = web.clock.now()
    const [workers, running, services] = await Promise.all([
      listWorkers(db, now - dayMs),
      runningByWorker(db),
      web.services.list(),
    ])
    return {
      title: 'Workers',
      services,
      workers: workers.map((worker) => ({ ...worker, running: running.get(worker.id) ?? [] })),
    }
  },
})
